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

/** Rows by the names of their columns. */
export interface DeliveredRecords {
  /** New and changed rows, or all. */
  rows: Record<string, DeliveredValue>[];
  /** Keys of rows that are no more. */
  removed: Record<string, DeliveredValue>[];
}

/** A delivery as it stands in a request's body; undefined where it is none. */
export function readDelivery(body: Buffer): Delivery | undefined {
  try {
    return deliverySchema.safeParse(JSON.parse(body.toString())).data;
  } catch {
    return undefined;
  }
}

/** The rows of a delivery as records. */
export function deliveredRecords({ columns, key, rows, removed }: Delivery): DeliveredRecords {
  const names = columns.map((column) => column.name);
  return { rows: rows.map((row) => recordOf(names, row)), removed: removed.map((row) => recordOf(key, row)) };
}

function recordOf(names: readonly string[], row: readonly DeliveredValue[]): Record<string, DeliveredValue> {
  return Object.fromEntries(names.map((each, at) => [each, row[at]!]));
}
