import { askPage, type Asking } from './asking.ts';
import { changedRows, knownRow } from './changes.ts';
import type { DispatchDefinition } from './definition.ts';
import type { DeliveredValue } from './delivery.ts';
import { ERROR_CATALOGUE, type ErrorCode } from '../errors.ts';
import type { Claim, Reason, Run } from './dispatch.ts';
import type { RowReader } from './row-reader.ts';
import type { DispatchStore, KnownRow } from './store.ts';

/** What a run may come to, at most. */
export interface RunBounds {
  /** Bytes of one part, as JSON. */
  maxDeliveryBytes: number;
  maxParts: number;
  /** Rows that are read. */
  maxRows: number;
}

/** What came of getting ready, or of asking again: the run as it stands now, or why it cannot go on. */
export type Readied = { kind: 'ready'; run: Run } | Ended;
export type Ended =
  | { kind: 'refused'; reason: Reason }
  /** `retryAfterMs`: how long to wait at least before it is tried again. */
  | { kind: 'failed'; reason: Reason; isLasting: boolean; retryAfterMs?: number };

/** Another gateway has the dispatch by now. */
export class ClaimLost extends Error {
  override name = 'ClaimLost';
}

export interface Preparing {
  claim: Claim;
  reader: RowReader;
  asking: Asking;
  store: DispatchStore;
  bounds: RunBounds;
}

/** Asks for all pages and keeps what is to be delivered. @throws ClaimLost; the store's errors; the signal's reason */
export async function prepare(run: Run, preparing: Preparing): Promise<Readied> {
  const { claim, store } = preparing;
  await holding(store.clear(claim, run.number));
  const preparation = new Preparation(run, preparing);
  return (await preparation.readAll()) ?? preparation.finish();
}

interface ReadRow {
  row: readonly DeliveredValue[];
  known: KnownRow;
}

class Preparation {
  readonly #run: Run;
  readonly #preparing: Preparing;
  readonly #definition: DispatchDefinition;
  readonly #parts: PartWriter;
  readonly #seen = new Map<string, string>();
  readonly #leftOut = new Map<string, Reason>();
  readonly #masked = new Set<string>();
  #rows = 0;
  #removed = 0;

  constructor(run: Run, preparing: Preparing) {
    this.#run = run;
    this.#preparing = preparing;
    this.#definition = preparing.claim.dispatch.definition;
    this.#parts = new PartWriter(run, preparing);
  }

  async readAll(): Promise<Ended | undefined> {
    const { reader, asking } = this.#preparing;
    const { pages } = this.#definition;
    let cursor: DeliveredValue = null;
    for (;;) {
      const page = await askPage(this.#definition, reader, asking, cursor);
      if (page.kind !== 'rows') return page;
      for (const reason of page.leftOut) this.#leftOut.set(reason.text, reason);
      for (const coordinate of page.masked) this.#masked.add(coordinate);
      const problem = await this.#add(page.rows, cursor);
      if (problem) return problem;
      if (!pages || page.count < pages.size) return this.#parts.problem;
      const last = page.rows.at(-1);
      const next = last ? reader.valueOf(last, pages.from) : null;
      if (next === null || next === cursor)
        return failed('DISPATCH_PAGES_STUCK', `${pages.from} is ${JSON.stringify(next)} at the end of a page.`);
      cursor = next;
    }
  }

  async #add(rows: readonly DeliveredValue[][], cursor: DeliveredValue): Promise<Ended | undefined> {
    const fresh: ReadRow[] = [];
    for (const row of rows) {
      const key = this.#preparing.reader.keyOf(row);
      if (key.includes(null)) return failed('DISPATCH_KEY_INVALID', `A row has no ${this.#definition.key.join(', ')}.`);
      const known = knownRow(key, row);
      const before = this.#seen.get(known.keyDigest);
      if (before !== undefined && before !== known.rowDigest)
        return failed('DISPATCH_KEY_INVALID', `Several rows have the key ${known.key}.`);
      if (before === undefined) fresh.push({ row, known });
      this.#seen.set(known.keyDigest, known.rowDigest);
    }
    const { maxRows } = this.#preparing.bounds;
    if (this.#seen.size > maxRows) return failed('DISPATCH_TOO_LARGE', `There are more than ${maxRows} rows.`);
    const wanted = await this.#wanted(fresh);
    this.#rows += wanted.length;
    for (const { row } of wanted) await this.#parts.addRow(row, cursor);
    return this.#parts.problem;
  }

  async #wanted(rows: readonly ReadRow[]): Promise<readonly ReadRow[]> {
    if (this.#run.content === 'full') return rows;
    const { store, claim } = this.#preparing;
    const digests = rows.map(({ known }) => known.keyDigest);
    return changedRows(rows, await store.mark(claim, digests));
  }

  /** All were read: what the recipient has beside is to be removed. */
  async finish(): Promise<Readied> {
    if (this.#run.content === 'changes') await this.#remove();
    const parts = await this.#parts.end(this.#run.content === 'full');
    if (this.#parts.problem) return this.#parts.problem;
    const { claim, store, reader } = this.#preparing;
    const run: Run = {
      ...this.#run,
      isPrepared: true,
      columns: reader.columns,
      rowsRead: this.#seen.size,
      rows: this.#rows,
      removed: this.#removed,
      parts,
      leftOut: [...this.#leftOut.values()],
      masked: [...this.#masked],
    };
    await holding(store.update(claim, run));
    return { kind: 'ready', run };
  }

  async #remove(): Promise<void> {
    const { store, claim } = this.#preparing;
    for (let after = ''; ;) {
      const gone = await store.unmarked(claim, after, REMOVED_AT_ONCE);
      for (const { key } of gone) await this.#parts.addRemoved(JSON.parse(key) as DeliveredValue[]);
      this.#removed += gone.length;
      if (gone.length < REMOVED_AT_ONCE) return;
      after = gone.at(-1)!.keyDigest;
    }
  }
}

const REMOVED_AT_ONCE = 1_000;

/** Puts rows together to parts of a bounded size, and keeps each as soon as it is full. */
class PartWriter {
  readonly #run: Run;
  readonly #preparing: Preparing;
  #rows: (readonly DeliveredValue[])[] = [];
  #removed: (readonly DeliveredValue[])[] = [];
  #pages: DeliveredValue[] = [];
  #bytes = 0;
  #part = 0;
  problem: Ended | undefined;

  constructor(run: Run, preparing: Preparing) {
    this.#run = run;
    this.#preparing = preparing;
  }

  async addRow(row: readonly DeliveredValue[], page: DeliveredValue): Promise<void> {
    await this.#makeRoom(row);
    this.#rows.push(row);
    if (this.#pages.at(-1) !== page || this.#pages.length === 0) this.#pages.push(page);
  }

  async addRemoved(key: readonly DeliveredValue[]): Promise<void> {
    await this.#makeRoom(key);
    this.#removed.push(key);
  }

  /** @param isNeeded whether there is a part even where there is nothing to give */
  async end(isNeeded: boolean): Promise<number> {
    if (this.#bytes > 0 || (isNeeded && this.#part === 0)) await this.#keep();
    return this.#part;
  }

  async #makeRoom(values: readonly DeliveredValue[]): Promise<void> {
    const bytes = Buffer.byteLength(JSON.stringify(values));
    const { maxDeliveryBytes, maxParts } = this.#preparing.bounds;
    if (this.#bytes > 0 && this.#bytes + bytes > maxDeliveryBytes) await this.#keep();
    this.#bytes += bytes;
    if (bytes > maxDeliveryBytes)
      this.problem ??= failed(
        'DISPATCH_TOO_LARGE',
        `A row has ${bytes} bytes; at most ${maxDeliveryBytes} go into a part.`,
      );
    if (this.#part >= maxParts) this.problem ??= failed('DISPATCH_TOO_LARGE', `There are more than ${maxParts} parts.`);
  }

  async #keep(): Promise<void> {
    this.#part += 1;
    const { store, claim } = this.#preparing;
    const content = { rows: this.#rows, removed: this.#removed, pages: this.#pages };
    await holding(store.keep(claim, this.#run.number, this.#part, content));
    this.#rows = [];
    this.#removed = [];
    this.#pages = [];
    this.#bytes = 0;
  }
}

function failed(code: ErrorCode, more: string): Ended {
  return { kind: 'failed', reason: { code, text: `${ERROR_CATALOGUE[code].text} ${more}` }, isLasting: true };
}

/** @throws ClaimLost where it is held no more */
export async function holding(isHeld: Promise<boolean>): Promise<void> {
  if (!(await isHeld)) throw new ClaimLost('Another gateway has the dispatch.');
}
