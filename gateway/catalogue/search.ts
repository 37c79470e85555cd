import MiniSearch from 'minisearch';
import { idOf, type CatalogueEntry } from './entry.ts';

/** What of an entry is searched, and how much a word there counts. */
const FIELDS = { words: 4, title: 4, otherNames: 4, description: 1, departments: 2, unit: 1 } as const;

/** What a word is called that people write in several ways, or shorten. */
const FUZZY_FROM_LETTERS = 5;

/** Finds entries by words of any language. */
export class CatalogueSearch {
  readonly #entries: ReadonlyMap<string, CatalogueEntry>;
  readonly #index: MiniSearch;

  constructor(entries: readonly CatalogueEntry[]) {
    this.#entries = new Map(entries.map((entry) => [idOf(entry), entry]));
    this.#index = new MiniSearch({
      fields: Object.keys(FIELDS),
      tokenize: wordsOf,
      // It is done already.
      processTerm: (term) => term,
      searchOptions: {
        boost: FIELDS,
        prefix: (term) => term.length > 2,
        fuzzy: (term) => (term.length >= FUZZY_FROM_LETTERS ? 0.2 : false),
        combineWith: 'AND',
      },
    });
    this.#index.addAll(
      entries.map((entry) => ({
        id: idOf(entry),
        words: `${entry.name} ${spread(entry.name)}`,
        title: entry.title ?? '',
        otherNames: entry.otherNames.join(' '),
        description: entry.description ?? '',
        departments: entry.departments.join(' '),
        unit: entry.unit ?? '',
      })),
    );
  }

  /** An entry by its {@link idOf}. */
  find(id: string): CatalogueEntry | undefined {
    return this.#entries.get(id);
  }

  all(kind: CatalogueEntry['kind']): CatalogueEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.kind === kind);
  }

  /** The nearest first; with all words where there is such, else with any. */
  search(text: string, isWanted: (entry: CatalogueEntry) => boolean): CatalogueEntry[] {
    const search = (combineWith: 'AND' | 'OR'): CatalogueEntry[] =>
      this.#index
        .search(text, { combineWith })
        .map(({ id }) => this.#entries.get(String(id))!)
        .filter(isWanted);
    const withAll = search('AND');
    return withAll.length > 0 ? withAll : search('OR');
  }
}

/** `Taxpayer.arrearsByMonth` is looked for by its words. */
function spread(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|[._-]/g, ' ');
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
/** Scripts without spaces: where a word ends is a guess there, so that every two signs that follow each other are one as well. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;

/** The words of a text, in lower case and without accents. */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase();
  const words = [...segmenter.segment(plain)].flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
  const spaced = words.filter((word) => word.search(UNSPACED) < 0);
  const pairs = [...plain.matchAll(UNSPACED)].flatMap(([run]) => pairsOf([...run]));
  return [...spaced, ...pairs];
}

function pairsOf(signs: readonly string[]): string[] {
  if (signs.length === 1) return [...signs];
  return signs.slice(1).map((sign, at) => `${signs[at]}${sign}`);
}
