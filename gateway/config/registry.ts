import { z } from 'zod';
import { count, milliseconds } from './units.ts';
import { tlsSchema } from './tls.ts';

/** What a published schema is looked at for; see `gateway/registry/lint/rules.ts`. */
const LINT_RULES = [
  ...(['types-have-descriptions', 'fields-have-descriptions', 'deprecations-have-reasons'] as const),
  ...(['type-names-are-pascal-case', 'field-names-are-camel-case', 'enum-values-are-upper-case'] as const),
  ...(['root-lists-are-bounded', 'entities-have-resolvable-keys', 'contributed-fields-are-nullable'] as const),
  'fields-have-access-classes',
] as const;

/** One of them. */
export type LintRule = (typeof LINT_RULES)[number];

const lintLevel = z.enum(['off', 'warn', 'error']);

/** How much each rule weighs. */
export type LintLevels = Readonly<Record<LintRule, z.infer<typeof lintLevel>>>;

/** Settings of `switchyard registry serve`: the program that keeps the versions of the graph. Who may publish is said in `identity`. */
export const registrySchema = z.strictObject({
  /** Address to listen on. */
  host: z.string().default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.number().int().min(0).max(65_535).default(4300),
  /** HTTPS instead of HTTP. Default: HTTP, for who is behind a proxy or alone on the machine */
  tls: tlsSchema.optional(),
  /** Where versions are kept, all of them for good: an SQLite file, or a PostgreSQL address (`postgres://`). */
  store: z.string().min(1).default('.switchyard/registry.db'),
  /** Ed25519 keys that sign supergraphs, as PEM; made at the first start. The public ones, which gateways need, stand beside it in `<file>.pub`. */
  keyFile: z.string().min(1).default('.switchyard/registry-key.pem'),
  /** What a statement of the store may take. */
  timeoutMs: milliseconds.default(5_000),
  /** What trying one change may take. */
  trialTimeoutMs: milliseconds.default(60_000),
  /** How many days of use count when it is looked whom a change would break. */
  usageDays: z.number().int().min(1).max(30).default(14),
  /** How much each rule for schemas weighs: `error` refuses what is new against it, `off` is not looked for. Default: `warn` */
  lint: z
    .partialRecord(z.enum(LINT_RULES), lintLevel)
    .default({})
    .transform((given) => Object.fromEntries(LINT_RULES.map((rule) => [rule, given[rule] ?? 'warn'])) as LintLevels),
  /** Largest request body: a schema, or a report of use. */
  maxBodyBytes: count.default(16_777_216),
  /** How long a request may take to come in, and how long requests under way have to end at a stop. */
  requestTimeoutMs: milliseconds.default(30_000),
  /** The role whose bearers may change every subgraph, and go back to whole versions. */
  administratorRole: z.string().min(1).default('registry-administrator'),
  /** The role whose bearers are gateways: they are given the supergraph, and report who uses what. */
  gatewayRole: z.string().min(1).default('registry-gateway'),
});
