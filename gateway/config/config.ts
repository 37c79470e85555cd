import { z } from 'zod';
import { auditSchema } from './audit.ts';
import { authorisationSchema } from './authorisation.ts';
import { cacheFromEnvironment, cacheSchema } from './cache.ts';
import { contractsSchema } from './contracts.ts';
import { dispatchSchema } from './dispatch.ts';
import { explainSchema } from './explain.ts';
import { grantsSchema } from './grants.ts';
import { httpSchema } from './http.ts';
import { identitySchema } from './identity.ts';
import { limitsSchema } from './limits.ts';
import { requestLogSchema } from './log.ts';
import { metricsSchema } from './metrics.ts';
import { persistedQueriesSchema } from './persisted-queries.ts';
import { plannerSchema } from './planner.ts';
import { registrySchema } from './registry.ts';
import { reloadSchema } from './reload.ts';
import { retryBudgetSchema } from './retry-budget.ts';
import { signingSchema } from './signing.ts';
import { allSubgraphsSchema, subgraphSchema } from './subgraphs.ts';
import { tracesFromEnvironment, tracesSchema } from './traces.ts';

const configSchema = z
  .strictObject({
    /**
     * Where the supergraph comes from: its file, relative to the working directory; an `http:` or `https:` address; or a `supergraph.yaml` that
     * says which subgraphs it is composed of. It is followed, see `reload`.
     */
    supergraph: z.string().default('schema/supergraph.graphql'),
    reload: reloadSchema.prefault({}),
    registry: registrySchema.prefault({}),
    /**
     * Parts of the graph that are served at paths of their own, `/graphql/<name>`, each with a schema of its own: by the `@tag`s of fields and types.
     * `registry`: those that are kept with the supergraph in the registry. Default: none
     */
    contracts: contractsSchema.default({}),
    persistedQueries: persistedQueriesSchema.prefault({}),
    /** Folder with saved operations (`*.graphql`): GraphiQL's first tabs. */
    operations: z.string().default('schema/operations'),
    /**
     * Production hides what helps an attacker more than a client: introspection, GraphiQL and the departments' error messages.
     * Default: true when NODE_ENV is `production`.
     */
    production: z.boolean().default(false),
    http: httpSchema.prefault({}),
    identity: identitySchema.prefault({}),
    /** Who may see what. `@authenticated`, `@requiresScopes` and `@policy` of the schema are always enforced. */
    authorisation: authorisationSchema.prefault({}),
    /** Whether GraphiQL is served at `/`. Default: not in production. */
    graphiql: z.boolean().optional(),
    /** Whether `__schema` and `__type` may be asked. Default: not in production. */
    introspection: z.boolean().optional(),
    /** Whether departments' error messages are replaced by the catalogue's text. Default: in production. */
    maskSubgraphErrors: z.boolean().optional(),
    explain: explainSchema.prefault({}),
    /** Bounds on one operation, counted with every fragment spread out. */
    limits: limitsSchema.prefault({}),
    planner: plannerSchema.prefault({}),
    /** What holds for every subgraph unless `subgraphs` says otherwise. */
    allSubgraphs: allSubgraphsSchema.prefault({}),
    /** Settings for single subgraphs, by name. */
    subgraphs: z.record(z.string(), subgraphSchema).default({}),
    retryBudget: retryBudgetSchema.prefault({}),
    /** The key that requests to departments are signed with (RFC 9421). Default: none, and nothing is signed. */
    signing: signingSchema.optional(),
    cache: cacheSchema.prefault({}),
    /** Figures for Prometheus: requests, departments, the cache, the trail, the process. */
    metrics: metricsSchema.prefault({}),
    log: requestLogSchema.prefault({}),
    /** Spans of requests, their stages and their fetches, for OpenTelemetry. */
    traces: tracesSchema.prefault({}),
    /** What departments let somebody read for a purpose, for a while: see the rules' `grant` and `breakGlass`. */
    grants: grantsSchema.prefault({}),
    dispatch: dispatchSchema.prefault({}),
    /** The trail: a record of every request that nobody can change unseen. */
    audit: auditSchema.prefault({}),
  })
  .refine(
    ({ identity, http, registry }) =>
      identity.certificates.length === 0 ||
      [http.tls, registry.tls].some((tls) => (tls?.clientCertificates ?? 'none') !== 'none'),
    { path: ['identity', 'certificates'], error: 'needs http.tls with clientCertificates: nobody could show one' },
  );

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
 * `SWITCHYARD_SUBGRAPH_TIMEOUT_MS`, `SWITCHYARD_EXPLAIN_SECRET`, `SWITCHYARD_INVALIDATION_SECRET`, `SWITCHYARD_AUDIT_URL`, and `SWITCHYARD_SUBGRAPH_URLS` (a JSON object: subgraph
 * name to URL); for traces those of OpenTelemetry, see {@link tracesFromEnvironment}.
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
    cache: cacheFromEnvironment(config.cache, env),
    audit: { ...config.audit, store: env['SWITCHYARD_AUDIT_URL'] || config.audit.store },
    traces: tracesFromEnvironment(config.traces, env),
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
