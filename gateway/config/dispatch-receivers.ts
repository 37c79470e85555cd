import { z } from 'zod';
import { isOneRedis, redisFields } from './redis.ts';
import { count, milliseconds, safeUrl } from './units.ts';

/** Files that land in a folder, a file for each run. */
const folderSchema = z.strictObject({
  kind: z.literal('folder'),
  /** Relative to the working directory; made where it is missing. */
  folder: z.string().min(1),
  /** `json` is one list, `json-lines` a record a line. */
  format: z.enum(['csv', 'json', 'json-lines', 'xml']),
  /**
   * Whether a text of CSV that a spreadsheet would take for a formula, beginning with `=`, `+`, `-`, `@`, tab or carriage return, gets a `'` before it;
   * so does one that begins with `'`, so that taking one `'` off gives back each. Off, where only programs read the files.
   */
  escapesFormulas: z.boolean().default(true),
  /** What the parts of one run may take that are kept aside until the last one comes. */
  maxRunBytes: count.default(1_073_741_824),
  /** For how long it is known what was taken: the same again within it makes no second file. Parts of runs that did not end are kept as long. */
  keepDays: z.number().int().min(1).max(365).default(30),
});

/** What a name of SQL can be without a dot in it. */
const NAME = '[^.\\0]{1,63}';

/** Rows that are upserted into a table, by the columns that identify them. */
const postgresSchema = z.strictObject({
  kind: z.literal('postgres'),
  /** `postgres://user@host/database`; the password in it, from the environment, or in `passwordFile`. */
  url: z.url({ protocol: /^postgres(ql)?$/ }),
  /** A file that holds the password, read at each delivery. */
  passwordFile: z.string().min(1).optional(),
  /**
   * `table` or `schema.table`, with a primary key or unique index of the columns that identify a row. Its types decide what values become.
   * `switchyard_deliveries` and `switchyard_rows`, which keep what was delivered, are made beside it where they are missing.
   */
  table: z.string().regex(new RegExp(`^(${NAME}\\.)?${NAME}$`), 'must be table or schema.table'),
  /** Whether the table is made where it is missing: `text`, `numeric`, `boolean` and `jsonb`. */
  createsTable: z.boolean().default(false),
  /** A column of type `timestamptz` that says since when a row is no more. Default: such rows are deleted */
  removedColumn: z.string().min(1).max(63).optional(),
  /** What connecting may take, and a statement. */
  timeoutMs: milliseconds.default(30_000),
});

/** What is posted to an address and answered with a receipt. Requests are signed with the key of `signing`. */
const webhookSchema = z.strictObject({
  kind: z.literal('webhook'),
  /** https, or http on this machine alone. */
  url: safeUrl,
  /** A file with what is sent as the header `authorization`, where something before the receiver asks for it; read at each delivery. */
  authorizationFile: z.string().min(1).optional(),
  /** Public keys (Ed25519, PEM) of which one must have signed the receipts. Default: signatures are kept and not looked at */
  receiptKeyFile: z.string().min(1).optional(),
  /** Roots (PEM) that vouch for the receiver's certificate. Default: the system's */
  caFile: z.string().min(1).optional(),
});

/** Entries that are added to a stream of Redis, one for each row and one at the end of a run. */
const redisStreamSchema = z
  .strictObject({
    kind: z.literal('redis-stream'),
    ...redisFields,
    /** The stream's key. */
    stream: z
      .string()
      .regex(/^([^{}\s]+|[^{}\s]*\{[^{}\s]+\}[^{}\s]*)$/, 'must be a key without blanks and at most one {tag}'),
    /** About how many entries the stream keeps; what comes beyond lets the oldest go, read or not. */
    maxLength: count.default(1_000_000),
    /** For how long Redis knows what was taken: the same again within it adds nothing. */
    keepDays: z.number().int().min(1).max(365).default(30),
    /** What a command may take. */
    timeoutMs: milliseconds.default(30_000),
  })
  .refine(
    (given) => isOneRedis(given) && (given.redisUrl ?? given.redisSentinel ?? given.redisCluster) !== undefined,
    'needs one Redis: redisUrl, redisSentinel or redisCluster',
  );

/** What of a delivery, beside its columns, can stand in a message. */
const OWN_VALUES = ['$idempotencyKey', '$dispatch', '$run', '$part', '$isLast', '$content'] as const;

/**
 * Calls of a SOAP service, as its WSDL has them: one for each row, or one for each delivery where `rowElement` says where the rows stand. Each
 * has a `wsa:MessageID` (WS-Addressing) that is the same when it is made again, by which the service must know it.
 */
const soapSchema = z.strictObject({
  kind: z.literal('soap'),
  /** The file of the service's WSDL: 1.1, style document/literal, with all schemas in it. Read once at the start. */
  wsdl: z.string().min(1),
  /** Where the service is: https, or http on this machine alone. Default: where the WSDL says */
  url: safeUrl.optional(),
  operation: z.string().min(1),
  /**
   * What elements of the message hold that are not called as a column is: a column, or one of the delivery's own values such as `$idempotencyKey`.
   * Elements in others are named with dots: `{ 'head.id': '$idempotencyKey', 'TAXPAYER_NO': 'uscc' }`; those of a row from the row's element on.
   */
  elements: z
    .record(z.string().min(1), z.string().min(1))
    .refine(
      (elements) =>
        Object.values(elements).every((each) => !each.startsWith('$') || OWN_VALUES.includes(each as never)),
      `own values are ${OWN_VALUES.join(', ')}`,
    )
    .default({}),
  /** The element that stands in the message once for each row. Default: the message is one row's, and there is a call for each */
  rowElement: z.string().min(1).optional(),
  /** With `rowElement`: the element that stands in the message once for each row that is no more. Default: such rows are refused */
  removedElement: z.string().min(1).optional(),
  /** Without `rowElement`: the operation that is told the key of a row that is no more. Default: such rows are refused */
  removalOperation: z.string().min(1).optional(),
  /** A file with what is sent as the header `authorization`; read at each delivery. */
  authorizationFile: z.string().min(1).optional(),
  /** Roots (PEM) that vouch for the service's certificate. Default: the system's */
  caFile: z.string().min(1).optional(),
});

/** Where a recipient's data go, and in which form. */
export const receiverSchema = z.discriminatedUnion('kind', [
  folderSchema,
  postgresSchema,
  webhookSchema,
  redisStreamSchema,
  soapSchema,
]);

/** Settings of a receiver with every default filled in. */
export type ReceiverConfig = z.output<typeof receiverSchema>;

/** Those of one kind. */
export type ReceiverConfigOf<Kind extends ReceiverConfig['kind']> = Extract<ReceiverConfig, { kind: Kind }>;
