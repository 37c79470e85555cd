import { LRUCache } from 'lru-cache';
import { AskedBefore, seedOf } from './asked-before.ts';
import { endOf, type CacheEntry, type CacheStore, type RememberedAnswer } from './store.ts';

/** What an entry costs beside its name and its text, about: 260 bytes (measured), and 300 more once its marks were needed. */
const ENTRY_OVERHEAD_BYTES = 450;
/** From which part of its bytes on a store chooses what to keep. */
const FULL_FROM = 0.95;
/** What an answer comes to with all that it costs, about, for knowing how many there is room for. */
const USUAL_ENTRY_BYTES = 1_000;

/**
 * Remembers in this process, least recently used first out. Once it is full, what is asked for the first time is not kept: a flood of
 * what nobody asks for again costs next to nothing, and drives out nothing.
 * @param maxBytes what names and answers may take together
 */
export function createMemoryStore(maxBytes: number): CacheStore {
  return new MemoryStore(maxBytes);
}

/** Answers of one group by name. */
interface Group {
  readonly id: string;
  readonly answers: Map<string, RememberedAnswer>;
}

/** Where an answer stands. */
interface Place {
  readonly group: Group;
  readonly name: string;
}

class MemoryStore implements CacheStore {
  readonly description = 'memory of this process only';
  readonly #maxBytes: number;
  readonly #groups = new Map<string, Group>();
  readonly #places: LRUCache<RememberedAnswer, Place>;
  /** Absent until it was full for the first time. */
  #asked: AskedBefore | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#places = new LRUCache({
      maxSize: maxBytes,
      // A character of these texts takes one byte.
      sizeCalculation: ({ name }, { bytes }) => name.length + bytes.length + ENTRY_OVERHEAD_BYTES,
      dispose: (place, answer) => this.#forget(place, answer),
    });
  }

  #forget({ group, name }: Place, answer: RememberedAnswer): void {
    // Another answer may have its place.
    if (group.answers.get(name) !== answer) return;
    group.answers.delete(name);
    if (group.answers.size === 0) this.#groups.delete(group.id);
  }

  getMany(id: string, names: readonly string[]): Promise<(RememberedAnswer | undefined)[]> {
    const group = this.#groups.get(id);
    const asked = this.#asked;
    if (!group) {
      asked?.note(id);
      // Of a group that is asked for the first time, that alone is noted: it says enough of its names.
      if (!asked?.isAskedAgain(id)) return Promise.resolve(names.map(() => undefined));
    }
    const seed = asked && seedOf(id);
    const nowMs = Date.now();
    return Promise.resolve(
      names.map((name) => {
        const answer = group?.answers.get(name);
        if (answer) return this.#use(answer, nowMs);
        asked?.note(name, seed);
        return undefined;
      }),
    );
  }

  #use(answer: RememberedAnswer, nowMs: number): RememberedAnswer | undefined {
    // It is the one used last.
    this.#places.get(answer);
    return nowMs < endOf(answer) ? answer : undefined;
  }

  wantedOf(id: string, names: readonly string[]): number[] {
    if (!this.#isFull()) return [...names.keys()];
    const asked = (this.#asked ??= new AskedBefore(this.#maxBytes / USUAL_ENTRY_BYTES));
    const group = this.#groups.get(id);
    if (!group && !asked.isAskedAgain(id)) return [];
    const seed = seedOf(id);
    const isWanted = (name: string): boolean => asked.isAskedAgain(name, seed) || group?.answers.has(name) === true;
    return names.flatMap((name, index) => (isWanted(name) ? [index] : []));
  }

  /** Whether there is no room, even without what is of no use any more and was not asked for lately. */
  #isFull(): boolean {
    const places = this.#places;
    const isFull = (): boolean => places.calculatedSize > this.#maxBytes * FULL_FROM;
    if (!isFull()) return false;
    const nowMs = Date.now();
    for (const answer of places.rkeys()) {
      if (nowMs < endOf(answer)) break;
      places.delete(answer);
    }
    return isFull();
  }

  setMany(id: string, entries: readonly CacheEntry[]): Promise<void> {
    const nowMs = Date.now();
    for (const { name, answer } of entries) if (nowMs < endOf(answer)) this.#set(id, name, answer);
    return Promise.resolve();
  }

  #set(id: string, name: string, answer: RememberedAnswer): void {
    let group = this.#groups.get(id);
    const before = group?.answers.get(name);
    if (!group) this.#groups.set(id, (group = { id, answers: new Map() }));
    group.answers.set(name, answer);
    this.#places.set(answer, { group, name });
    if (before && before !== answer) this.#places.delete(before);
    // One that is larger than everything is not taken.
    if (!this.#places.has(answer)) this.#forget({ group, name }, answer);
  }

  isUp(): boolean {
    return true;
  }

  close(): Promise<void> {
    this.#places.clear();
    this.#groups.clear();
    this.#asked = undefined;
    return Promise.resolve();
  }
}
