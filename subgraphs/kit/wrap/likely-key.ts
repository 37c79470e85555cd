import { wordsOf } from './names.ts';

/** Words that keys have in their names, in ASCII. */
const KEY_WORDS: ReadonlySet<string> = new Set([
  ...['id', 'no', 'nr', 'num', 'number', 'code', 'key', 'uuid', 'guid', 'ref', 'reference', 'identifier'],
  ...['nummer', 'kennung', 'schluessel', 'numero', 'codigo', 'hao', 'ma'],
]);

/** Sets of columns, the likeliest key first: few columns before many, named as keys are, and as far to the left as can be. */
export function byLikelihood<Set extends readonly number[]>(sets: readonly Set[], names: readonly string[]): Set[] {
  const isKeyLike = names.map((name) => wordsOf(name).some((word) => KEY_WORDS.has(word.toLowerCase())));
  const unlikely = (set: Set): number => set.filter((at) => !isKeyLike[at]).length;
  return sets.toSorted(
    (one, other) => one.length - other.length || unlikely(one) - unlikely(other) || sum(one) - sum(other),
  );
}

function sum(set: readonly number[]): number {
  return set.reduce((total, at) => total + at, 0);
}
