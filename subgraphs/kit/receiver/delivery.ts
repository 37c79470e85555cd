import { z } from 'zod';

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const name = z.string().min(1).max(1_000);
const number = z.number().int().min(1);

const deliverySchema = z
  .object({
    idempotencyKey: name,
    dispatch: name,
    run: number,
    part: number,
    isLast: z.boolean(),
    queryGroupId: name,
    content: z.enum(['full', 'changes']),
    columns: z.array(z.object({ name, type: z.enum(['text', 'number', 'boolean', 'json']) })).min(1),
    key: z.array(name),
    rows: z.array(z.array(value)),
    removed: z.array(z.array(value)),
  })
  .refine(({ columns, rows }) => rows.every((row) => row.length === columns.length))
  .refine(({ key, removed }) => removed.every((row) => row.length === key.length));

/** One value of a row. */
export type DeliveredValue = z.output<typeof value>;

/**
 * A part of what one run of a gateway's dispatch delivers. Runs and their parts are counted from 1 and come one after the other; of a run with
 * `content: 'full'` all rows of all parts are all there are, of one with `changes` they are the new and changed ones.
 */
export type Delivery = z.output<typeof deliverySchema>;

/** A row by the names of its columns. */
export type DeliveredRecord = Record<string, DeliveredValue>;

/** Rows by the names of their columns. */
export interface DeliveredRecords<Row extends DeliveredRecord, Key extends keyof Row> {
  /** New and changed rows, or all. */
  rows: Row[];
  /** Keys of rows that are no more. */
  removed: Pick<Row, Key>[];
}

/** A delivery as it stands in a request's body; undefined where it is none. */
export function readDelivery(body: Buffer): Delivery | undefined {
  try {
    return deliverySchema.safeParse(JSON.parse(body.toString())).data;
  } catch {
    return undefined;
  }
}

/** The rows of a delivery as records. What is in them is said by whoever calls it, who knows what is dispatched, and not looked at. */
export function deliveredRecords<Row extends DeliveredRecord, Key extends keyof Row = keyof Row>({
  columns,
  key,
  rows,
  removed,
}: Delivery): DeliveredRecords<Row, Key> {
  const names = columns.map((column) => column.name);
  return {
    rows: rows.map((row) => recordOf(names, row) as Row),
    removed: removed.map((row) => recordOf(key, row) as Row),
  };
}

function recordOf(names: readonly string[], row: readonly DeliveredValue[]): DeliveredRecord {
  return Object.fromEntries(names.map((each, at) => [each, row[at]!]));
}
