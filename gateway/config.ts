import { z } from 'zod';

const milliseconds = z.number().int().min(1).max(3_600_000);
const count = z.number().int().min(1);

/** Settings for the requests to one subgraph. */
const subgraphSchema = z.strictObject({
  /** Where the subgraph is asked, instead of the supergraph's routing URL. */
  routingUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** How long one request may take before the fields it was for become null. Default: that of `allSubgraphs`. */
  timeoutMs: milliseconds.optional(),
});

const configSchema = z.strictObject({
  /** Supergraph file, relative to the working directory. */
  supergraph: z.string().default('schema/supergraph.graphql'),
  /** Folder with saved operations (`*.graphql`): GraphiQL's first tabs. */
  operations: z.string().default('schema/operations'),
  /**
   * Production hides what helps an attacker more than a client: introspection, GraphiQL and the departments' error messages.
   * Default: true when NODE_ENV is `production`.
   */
  production: z.boolean().default(false),
  http: z
    .strictObject({
      /** Address to listen on. `0.0.0.0` opens the gateway to the network. */
      host: z.string().default('127.0.0.1'),
      /** 0 takes any free port. */
      port: z.number().int().min(0).max(65_535).default(4000),
      /** Largest request body. */
      maxBodyBytes: count.default(1_048_576),
      /** How long one request may take in all; what is not there by then is null with an error. */
      requestTimeoutMs: milliseconds.default(10_000),
      /** How long an idle connection is kept open. */
      keepAliveTimeoutMs: milliseconds.default(65_000),
      /** How long requests under way may still take once the gateway is told to stop. */
      shutdownTimeoutMs: milliseconds.default(10_000),
    })
    .prefault({}),
  /** Whether GraphiQL is served at `/`. Default: not in production. */
  graphiql: z.boolean().optional(),
  /** Whether `__schema` and `__type` may be asked. Default: not in production. */
  introspection: z.boolean().optional(),
  /** Whether departments' error messages are replaced by the catalogue's text. Default: in production. */
  maskSubgraphErrors: z.boolean().optional(),
  explain: z
    .strictObject({
      /**
       * Who sends it as the header `switchyard-explain` is told how the answer came about, departments' names and requests
       * included, in `extensions.explain`. Make it long and random. Default: none, and nobody is told, in production or not.
       */
      secret: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Bounds on one operation, counted with every fragment spread out. */
  limits: z
    .strictObject({
      maxTokens: count.default(10_000),
      maxDepth: count.default(30),
      maxAliases: count.default(200),
      maxRootFields: count.default(100),
      maxFields: count.default(5_000),
    })
    .prefault({}),
  planner: z
    .strictObject({
      /** How long planning one operation may take before it is given up. */
      timeoutMs: milliseconds.default(10_000),
      /** Operations that may wait for a plan; more are refused with 503. */
      maxQueue: count.default(100),
      /** Operations kept ready to run: parsed, checked, planned and compiled. */
      maxOperations: count.default(1_000),
    })
    .prefault({}),
  /** What holds for every subgraph unless `subgraphs` says otherwise. */
  allSubgraphs: z
    .strictObject({
      timeoutMs: milliseconds.default(5_000),
      /** Connections kept to one subgraph; requests beyond them wait. */
      maxConnections: count.default(128),
      /** Largest answer of a subgraph. */
      maxResponseBytes: count.default(33_554_432),
    })
    .prefault({}),
  /** Settings for single subgraphs, by name. */
  subgraphs: z.record(z.string(), subgraphSchema).default({}),
  cache: z
    .strictObject({
      /** Whether entities are remembered for as long as the subgraphs' `@cacheControl` allows. */
      enabled: z.boolean().default(true),
      /** Redis to keep them in, shared between gateways (`redis://` or `rediss://`). Without it each process has its own. */
      redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
      /** What a Redis command may take before the gateway goes on without it. */
      timeoutMs: milliseconds.default(50),
      /** Bytes that the in-process store may hold. */
      maxBytes: count.default(67_108_864),
    })
    .prefault({}),
});

/** Settings as they are written in `switchyard.config.ts`: all optional. */
export type ConfigInput = z.input<typeof configSchema>;

/** Settings with every default filled in. */
export type Config = z.output<typeof configSchema> &
  Record<'graphiql' | 'introspection' | 'maskSubgraphErrors', boolean>;

/** Wrong settings; the message has one line for each, with where it stands and what is expected. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Types the settings of a `switchyard.config.ts`; gives them back unchanged. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/**
 * Checks settings and fills in the defaults. The environment wins over the settings.
 *
 * Environment: `HOST`, `PORT`, `REDIS_URL`, `NODE_ENV`, `SWITCHYARD_SUPERGRAPH`, `SWITCHYARD_REQUEST_TIMEOUT_MS`,
 * `SWITCHYARD_SUBGRAPH_TIMEOUT_MS`, `SWITCHYARD_EXPLAIN_SECRET`, and `SWITCHYARD_SUBGRAPH_URLS` (a JSON object: subgraph
 * name to URL).
 *
 * @throws ConfigError when a setting is unknown or has the wrong type or range
 */
export function resolveConfig(input: unknown, env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) throw new ConfigError(`The settings are wrong.\n${z.prettifyError(parsed.error)}`);
  const overridden = configSchema.safeParse(withEnvironment(parsed.data, env));
  if (!overridden.success)
    throw new ConfigError(`The environment gives wrong settings.\n${z.prettifyError(overridden.error)}`);
  const config = overridden.data;
  return {
    ...config,
    graphiql: config.graphiql ?? !config.production,
    introspection: config.introspection ?? !config.production,
    maskSubgraphErrors: config.maskSubgraphErrors ?? config.production,
  };
}

function withEnvironment(
  config: z.output<typeof configSchema>,
  env: Readonly<Record<string, string | undefined>>,
): unknown {
  const subgraphs = { ...config.subgraphs };
  for (const [name, routingUrl] of Object.entries(readSubgraphUrls(env['SWITCHYARD_SUBGRAPH_URLS'])))
    subgraphs[name] = { ...subgraphs[name], routingUrl };
  return {
    ...config,
    supergraph: env['SWITCHYARD_SUPERGRAPH'] || config.supergraph,
    production: config.production || env['NODE_ENV'] === 'production',
    http: {
      ...config.http,
      host: env['HOST'] || config.http.host,
      port: numberFrom(env['PORT']) ?? config.http.port,
      requestTimeoutMs: numberFrom(env['SWITCHYARD_REQUEST_TIMEOUT_MS']) ?? config.http.requestTimeoutMs,
    },
    allSubgraphs: {
      ...config.allSubgraphs,
      timeoutMs: numberFrom(env['SWITCHYARD_SUBGRAPH_TIMEOUT_MS']) ?? config.allSubgraphs.timeoutMs,
    },
    subgraphs,
    explain: {
      ...config.explain,
      ...(env['SWITCHYARD_EXPLAIN_SECRET'] ? { secret: env['SWITCHYARD_EXPLAIN_SECRET'] } : {}),
    },
    cache: { ...config.cache, ...(env['REDIS_URL'] ? { redisUrl: env['REDIS_URL'] } : {}) },
  };
}

function numberFrom(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}

function readSubgraphUrls(text: string | undefined): Record<string, string> {
  if (!text) return {};
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigError('SWITCHYARD_SUBGRAPH_URLS must be a JSON object: subgraph name to URL.', { cause: error });
  }
}
