import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { badInput, systemBadAnswer } from '../faults.ts';
import {
  keyText,
  type AskOptions,
  type Condition,
  type KeyValue,
  type PageQuestion,
  type RecordSource,
  type SourceRow,
} from '../record-source.ts';
import type { FieldPlan, TypePlan } from './mapping.ts';
import { SourceRecord } from './source-record.ts';

type Key = readonly KeyValue[];
type ManyPlan = Extract<FieldPlan, { kind: 'many' }>;
interface RelatedAsk {
  key: Key;
  first: number;
  where: readonly Condition[];
}

/** Keys in one question. */
const MAX_BATCH_KEYS = 1_000;

/** Rows of a list that has no `first`; a longer one is not given in part. */
export const MAX_WHOLE_LIST = 1_000;

/** Records in one answer, each as often as it stands there: lists in lists come to more than there is, however short each is. */
const MAX_RECORDS = 25_000;

/** One request's way to the source: what is asked for together is one question, and nothing is asked for twice. */
export class RecordLoaders {
  readonly #source: RecordSource;
  readonly #timeoutMs: number;
  readonly #byKey = new Map<string, DataLoader<Key, SourceRecord | null, string>>();
  readonly #related = new Map<ManyPlan, DataLoader<RelatedAsk, SourceRecord[], string>>();
  readonly #pages = new Map<string, Promise<SourceRow[]>>();
  #options: AskOptions | undefined;
  #records = 0;
  readonly #refusal = Promise.withResolvers<GraphQLError>();

  /** @param timeoutMs for all of the request's questions together, from the first one on */
  constructor(source: RecordSource, timeoutMs: number) {
    this.#source = source;
    this.#timeoutMs = timeoutMs;
  }

  /** Why the request as a whole is not answered, once that is so. */
  get refusal(): Promise<GraphQLError> {
    return this.#refusal.promise;
  }

  /** The record with a key; null where there is none. */
  byKey(type: TypePlan, keyColumns: readonly string[], key: Key): Promise<SourceRecord | null> {
    const name = `${type.name} ${type.collection} ${keyText(keyColumns)}`;
    const known = this.#byKey.get(name);
    if (known) return known.load(key);
    const loader = new DataLoader<Key, SourceRecord | null, string>((keys) => this.#loadByKey(type, keyColumns, keys), {
      maxBatchSize: MAX_BATCH_KEYS,
      cacheKeyFn: keyText,
    });
    this.#byKey.set(name, loader);
    return loader.load(key);
  }

  /** All that there is of a record of which only the key is known. */
  async whole(record: SourceRecord): Promise<SourceRecord> {
    const { type, row, isWhole } = record;
    if (isWhole || type.collection === undefined) return record;
    const known = type.keys.find(({ columns }) => columns.every((column) => row[column] != null));
    const found =
      known &&
      (await this.byKey(
        type,
        known.columns,
        known.columns.map((column) => row[column] as KeyValue),
      ));
    return found ?? new SourceRecord(type, row, { isWhole: true, readAtMs: Date.now() });
  }

  /** The records that a record leads to, the first so many. */
  async related(plan: ManyPlan, target: TypePlan, ask: RelatedAsk): Promise<SourceRecord[]> {
    const found = await this.#relatedLoader(plan, target).load(ask);
    if (this.#records + found.length > MAX_RECORDS) await this.#refuse();
    this.#records += found.length;
    return found;
  }

  /** Records in an order, with the conditions they meet. */
  async page(type: TypePlan, question: Omit<PageQuestion, 'collection' | 'select'>): Promise<SourceRecord[]> {
    const rows = await this.#rowsOfPage(type, question);
    if (this.#records + rows.length > MAX_RECORDS) await this.#refuse();
    this.#records += rows.length;
    const readAtMs = Date.now();
    return rows.map((row) => recordOf(type, row, readAtMs));
  }

  /** What is asked for twice is one question. */
  #rowsOfPage(type: TypePlan, question: Omit<PageQuestion, 'collection' | 'select'>): Promise<SourceRow[]> {
    const name = JSON.stringify([type.name, question], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const { collection = '', select } = type;
    const rows = this.#pages.get(name) ?? this.#source.page({ ...question, collection, select }, this.#ask());
    this.#pages.set(name, rows);
    return rows;
  }

  #relatedLoader(plan: ManyPlan, target: TypePlan): DataLoader<RelatedAsk, SourceRecord[], string> {
    const known = this.#related.get(plan);
    if (known) return known;
    const loader = new DataLoader<RelatedAsk, SourceRecord[], string>((asks) => this.#loadRelated(plan, target, asks), {
      cacheKeyFn: ({ key, first, where }) => `${first} ${JSON.stringify(where)} ${keyText(key)}`,
    });
    this.#related.set(plan, loader);
    return loader;
  }

  async #loadByKey(
    type: TypePlan,
    keyColumns: readonly string[],
    keys: readonly Key[],
  ): Promise<(SourceRecord | null | GraphQLError)[]> {
    const { collection = '', select } = type;
    const answers = await this.#source.byKeys({ collection, select, keyColumns, keys }, this.#ask());
    const readAtMs = Date.now();
    return answers.map((answer) =>
      answer === null || answer instanceof GraphQLError ? answer : recordOf(type, answer, readAtMs),
    );
  }

  async #loadRelated(
    plan: ManyPlan,
    type: TypePlan,
    asks: readonly RelatedAsk[],
  ): Promise<(SourceRecord[] | GraphQLError)[]> {
    const questions = [...Map.groupBy(asks, ({ where }) => JSON.stringify(where)).values()];
    const found = await Promise.all(questions.map((each) => this.#loadAlike(plan, type, each)));
    const byAsk = new Map(questions.flatMap((each, question) => each.map((ask, at) => [ask, found[question]![at]!])));
    return asks.map((ask) => byAsk.get(ask)!);
  }

  /** What is narrowed alike. Asked for twice, with different numbers, it is still one question: for the greatest of them. */
  async #loadAlike(
    plan: ManyPlan,
    type: TypePlan,
    asks: readonly RelatedAsk[],
  ): Promise<(SourceRecord[] | GraphQLError)[]> {
    const [{ where }] = asks as [RelatedAsk];
    const keys = [...new Map(asks.map(({ key }) => [keyText(key), key])).values()];
    const first = Math.max(...asks.map((ask) => ask.first));
    const records = await this.#relatedByKey(plan, type, { keys, first, where });
    return asks.map((ask) => {
      const found = records.get(keyText(ask.key)) ?? [];
      if (found instanceof GraphQLError) return found;
      return plan.first === undefined && found.length > MAX_WHOLE_LIST
        ? systemBadAnswer(
            `The department's system has more than ${MAX_WHOLE_LIST} rows here, too many for a list that cannot be asked for in parts.`,
          )
        : found.slice(0, ask.first);
    });
  }

  async #relatedByKey(
    plan: ManyPlan,
    type: TypePlan,
    { keys, first, where }: { keys: readonly Key[]; first: number; where: readonly Condition[] },
  ): Promise<Map<string, SourceRecord[] | GraphQLError>> {
    const { collection = '', select } = type;
    const keyColumns = plan.links.map(({ theirs }) => theirs);
    const orderBy = inFixedOrder(plan, type);
    const parts = Array.from({ length: Math.ceil(keys.length / MAX_BATCH_KEYS) }, (_, at) =>
      keys.slice(at * MAX_BATCH_KEYS, (at + 1) * MAX_BATCH_KEYS),
    );
    const answers = await Promise.all(
      parts.map((part) =>
        this.#source.related({ collection, select, keyColumns, keys: part, where, orderBy, first }, this.#ask()),
      ),
    );
    const readAtMs = Date.now();
    return new Map(
      answers
        .flat()
        .map((rows, at) => [
          keyText(keys[at]!),
          rows instanceof GraphQLError ? rows : rows.map((row) => recordOf(type, row, readAtMs)),
        ]),
    );
  }

  /**
   * Ends the request where there are too many. Whoever asked for these is not answered: an error for each of a hundred thousand lists
   * would cost more than they would have.
   */
  #refuse(): Promise<never> {
    this.#refusal.resolve(badInput(`The request asks for more than ${MAX_RECORDS} records; ask for fewer at once.`));
    return new Promise(() => {});
  }

  #ask(): AskOptions {
    this.#options ??= { signal: AbortSignal.timeout(this.#timeoutMs) };
    return this.#options;
  }
}

function recordOf(type: TypePlan, row: SourceRow, readAtMs: number): SourceRecord {
  return new SourceRecord(type, row, { isWhole: true, readAtMs });
}

/** The key tells rows apart that are else the same, so that the same are given every time. */
function inFixedOrder({ orderBy }: ManyPlan, { keys }: TypePlan): ManyPlan['orderBy'] {
  const more = (keys[0]?.columns ?? []).filter((column) => !orderBy.some((order) => order.column === column));
  return [...orderBy, ...more.map((column) => ({ column, descending: false }))];
}
