import { Cron } from 'croner';
import { z } from 'zod';

/** `Type.field` */
const coordinate = z.string().regex(/^[_A-Za-z]\w*\.[_A-Za-z]\w*$/, 'must be Type.field');
const responsePath = z.string().regex(/^[_A-Za-z]\w*(\.[_A-Za-z]\w*)*$/, 'must be names with dots between');
const columnName = z.string().regex(/^[_A-Za-z]\w{0,62}$/, 'must be up to 63 letters, digits and _');
const stated = z.string().min(1).max(500);

/** What begins a run beside doing so by hand. Without any it is begun by hand alone. */
const triggerSchema = z
  .strictObject({
    /** Cron, of five or six fields: `0 6 * * 1-5`. What was missed while no gateway ran is one run. */
    cron: z.string().min(1).max(200).optional(),
    /** The time zone that cron is in, by its IANA name. */
    timeZone: z.string().min(1).max(64).default('UTC'),
    /** After how long it is looked again, in milliseconds. */
    everyMs: z.number().int().min(1_000).max(31_536_000_000).optional(),
    /** Fields, as `Type.field`: when a department says that one may have changed. */
    onChangeOf: z.array(coordinate).max(100).default([]),
    /** How long nothing may change before a change begins a run; at most ten times as long after the first. */
    settleMs: z.number().int().min(0).max(3_600_000).default(2_000),
  })
  .refine(({ cron, everyMs }) => cron === undefined || everyMs === undefined, 'takes cron or everyMs, not both')
  .superRefine(({ cron, timeZone }, context) => {
    const problem = cron === undefined ? undefined : cronProblem(cron, timeZone);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['cron'], message: problem });
  });

/** What is asked in several pages. */
const pagesSchema = z.strictObject({
  /** The variable that says after what a page begins. */
  variable: z.string().min(1),
  /** The column whose value in the last row of a page it gets for the next. */
  from: columnName,
  /** The variable that says how many rows a page has. */
  sizeVariable: z.string().min(1).default('first'),
  /** Rows of a page: one with fewer is the last. */
  size: z.number().int().min(1).max(10_000).default(500),
});

/** What a dispatch is. */
export const definitionSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be up to 63 small letters, digits and . _ -'),
  /** For people. */
  title: z.string().max(500).optional(),
  /** Who gets it: one of the gateway's settings. */
  recipient: z.string().min(1).max(200),
  /** A query. */
  operation: z.string().min(1).max(100_000),
  variables: z.record(z.string(), z.unknown()).default({}),
  purpose: stated,
  legalBasis: stated,
  consentReference: stated.optional(),
  caseNumber: stated.optional(),
  /** Where in the answer the list is whose items are the rows, by response names: `enterprises`. */
  rows: responsePath,
  /** Columns that identify a row. */
  key: z.array(columnName).min(1).max(16),
  /** Columns, each with the place of its value below the row: `{ name: owner.name }`. Default: every leaf, named by its place with `_` between. */
  columns: z.record(columnName, responsePath).optional(),
  pages: pagesSchema.optional(),
  trigger: triggerSchema.prefault({}),
  /** Whether each run gives everything, or what changed since the run before. */
  content: z.enum(['FULL', 'CHANGES']).default('CHANGES'),
  /** Where a rule refuses a field: the run is refused, or gives what is left. */
  whenRefused: z.enum(['STOP', 'LEAVE_OUT']).default('STOP'),
  /** From when on it runs no more, ISO 8601. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});

/** What a dispatch is, with every default filled in. */
export type DispatchDefinition = z.output<typeof definitionSchema>;

/** When a trigger begins a run next after a time. Undefined: by hand or by change alone. */
export function nextAfter(
  { cron, timeZone, everyMs }: DispatchDefinition['trigger'],
  nowMs: number,
): number | undefined {
  if (everyMs !== undefined) return nowMs + everyMs;
  if (cron === undefined) return undefined;
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(nowMs))?.getTime();
}

function cronProblem(cron: string, timezone: string): string | undefined {
  try {
    if (new Cron(cron, { timezone, paused: true }).nextRun() === null) return 'has no time to come';
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
