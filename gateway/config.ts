import { z } from 'zod';
import { cacheSchema, type CacheConfig } from './cache-config.ts';
import { count, milliseconds, safeUrl } from './config-units.ts';
import { dispatchSchema } from './dispatch-config.ts';
import { contractName, contractRule } from './contract-config.ts';
import { metricsSchema, requestLogSchema, tracesFromEnvironment, tracesSchema } from './observe-config.ts';
import { persistedQueriesSchema } from './persisted-queries-config.ts';
import { registrySchema } from './registry-config.ts';
import { reloadSchema } from './reload-config.ts';
import { tlsSchema } from './tls-config.ts';
import { allSubgraphsSchema, retryBudgetSchema, subgraphSchema } from './subgraph-settings.ts';

/** What a signature proves only to who holds no secret: with HS256 and its like, whoever can verify a token can make one. */
const ASYMMETRIC_ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
];

/**
 * Which claim of a token: its name, with dots where it stands inside another (`realm_access.roles`), or a list of names
 * where a name has dots itself (`['https://example.org/roles']`).
 */
const claimPath = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** An issuer of tokens (JSON Web Tokens, RFC 7519), and how what they say is read. */
const issuerSchema = z
  .strictObject({
    /** What tokens have as `iss`, to the letter. */
    issuer: z.string().min(1),
    /** What tokens must have in `aud`, one of these where there are several: what the issuer calls this gateway. */
    audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    /** Where the issuer publishes its keys (JSON Web Key Set, RFC 7517): https, or http on this machine alone. */
    jwksUrl: safeUrl.optional(),
    /** The keys themselves, instead of `jwksUrl`: public ones. */
    jwks: z.looseObject({ keys: z.array(z.looseObject({})) }).optional(),
    /** A file with the keys, instead of `jwksUrl`; relative to the working directory, read once at the start. */
    jwksFile: z.string().min(1).optional(),
    /** Algorithms that are accepted; none of those with a shared secret can be. */
    algorithms: z.array(z.enum(ASYMMETRIC_ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
    /** How far the issuer's clock may be from this one. */
    clockToleranceSeconds: z.number().int().min(0).max(600).default(30),
    /** What a token's header must have as `typ`, such as `at+jwt` (RFC 9068). Default: whatever it has. */
    tokenType: z.string().min(1).optional(),
    /** Whom its tokens stand for. */
    kind: z.enum(['person', 'system']).default('person'),
    /** Which claims say what; but for the subject, a token may be without. */
    claims: z
      .strictObject({
        subject: claimPath.default('sub'),
        organisation: claimPath.default('organisation'),
        department: claimPath.default('department'),
        /** A list, or a text for one role. */
        roles: claimPath.default('roles'),
        /** A list, or a text with spaces between. */
        scopes: claimPath.default('scope'),
        /** What else rules may look at: the name that rules have for it, and the claim. */
        others: z.record(z.string(), claimPath).default({}),
      })
      .prefault({}),
  })
  .refine(
    ({ jwksUrl, jwks, jwksFile }) => [jwksUrl, jwks, jwksFile].filter((source) => source !== undefined).length === 1,
    'needs its keys from one place: jwksUrl, jwks or jwksFile',
  );

/** Who a system is that proves itself with a key or a certificate. */
const systemFields = {
  /** What it is called, in rules and in the trail. */
  name: z.string().min(1),
  organisation: z.string().min(1).optional(),
  /** The department it acts for, by its code. */
  department: z.string().min(1).optional(),
  roles: z.array(z.string().min(1)).default([]),
  scopes: z.array(z.string().min(1)).default([]),
  /** What else rules may look at. */
  claims: z.record(z.string(), z.unknown()).default({}),
};

/** A key that a system sends as the header `x-api-key`. */
const apiKeySchema = z.strictObject({
  ...systemFields,
  /** SHA-256 of the key, in hex. Only a key that is long and random (32 bytes) cannot be found from it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits: the SHA-256 of the key, never the key')
    .toLowerCase(),
  /** From when on it is refused, such as `2027-01-01T00:00:00Z`. Default: it is not. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});

/** A department's certificate, by what cannot be another's. */
const certificateSchema = z
  .strictObject({
    ...systemFields,
    /** SHA-256 of the certificate, in hex, with or without colons: this one and none that follows it. */
    fingerprint: z
      .string()
      .regex(/^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, 'must be 64 hex digits: the SHA-256 of the certificate')
      .overwrite((text) => text.replaceAll(':', '').toLowerCase())
      .optional(),
    /** The whole subject, in the certificate's order: `C=EE, O=Tax Office, CN=tax`. Every certificate that `http.tls.caFile` vouches for. */
    subject: z.string().min(1).optional(),
  })
  .refine(
    ({ fingerprint, subject }) => (fingerprint === undefined) !== (subject === undefined),
    'needs either a fingerprint or a subject',
  );

/**
 * Who may prove what they are, and how. Without issuers, API keys and certificates nothing is looked at, and everyone is
 * anonymous. With any of them every proof that a request brings is checked: one that is wrong, or of a kind that is not
 * configured, is refused, and so is more than one.
 *
 * What a proxy says about the caller in headers of its own is never taken for a proof: whoever reaches the gateway past
 * the proxy could say the same. Let tokens and keys through, and end TLS in the gateway where certificates are to count.
 */
const identitySchema = z.strictObject({
  /** Issuers whose tokens are accepted, as `authorization: Bearer <token>`. */
  issuers: z.array(issuerSchema).default([]).refine(isDistinct('issuer'), 'must not name an issuer twice'),
  /** How the keys of issuers with a `jwksUrl` are kept. */
  jwks: z
    .strictObject({
      /**
       * After how long keys are asked for again. A key that its issuer has withdrawn is refused after this time and one
       * request, also for tokens that were seen before. In use, keys are asked for beside the requests after half of it.
       */
      maxAgeMs: milliseconds.default(600_000),
      /** How long keys go on being used while their issuer is away; then its tokens are refused with 503. */
      maxStaleMs: z.number().int().min(1).max(604_800_000).default(86_400_000),
      /** The least time between two requests to an issuer, as unknown keys and failures bring them about. */
      cooldownMs: milliseconds.default(30_000),
      /** How long a request to an issuer may take. */
      timeoutMs: milliseconds.default(5_000),
      /** Largest key set. */
      maxBytes: count.default(262_144),
    })
    .refine(({ maxAgeMs, cooldownMs }) => cooldownMs <= maxAgeMs, 'needs a cooldownMs of at most maxAgeMs')
    .prefault({}),
  /** Tokens that are remembered, by their digest, so that they need not be verified again. */
  maxRememberedTokens: count.default(10_000),
  /** Keys of systems. */
  apiKeys: z
    .array(apiKeySchema)
    .default([])
    .refine(isDistinct('name'), 'must not use a name twice')
    .refine(isDistinct('sha256'), 'must not hold a key twice'),
  /** Certificates of departments; they need `http.tls.clientCertificates`. Without any, a certificate says nothing. */
  certificates: z.array(certificateSchema).default([]).refine(isDistinct('name'), 'must not use a name twice'),
});

function isDistinct<Name extends string>(name: Name): (entries: readonly Record<Name, string>[]) => boolean {
  return (entries) => new Set(entries.map((entry) => entry[name])).size === entries.length;
}

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
    contracts: z.union([z.literal('registry'), z.record(contractName, contractRule)]).default({}),
    persistedQueries: persistedQueriesSchema.prefault({}),
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
        /** How long clients that keep connections are told to use them no more, before idle ones are closed, once the gateway is told to stop. */
        shutdownAnnounceMs: milliseconds.default(500),
        /** How long requests under way may still take after that. */
        shutdownTimeoutMs: milliseconds.default(10_000),
        /** When requests to the graph are refused with 503 before they are read; `/health` and `/ready` never are. */
        overload: z
          .strictObject({
            /** Requests under way. */
            maxRequests: count.default(2_000),
            /** How late the gateway's thread may come to what it has to do, twice in a row within some tenths of a second. */
            maxEventLoopDelayMs: milliseconds.default(500),
          })
          .prefault({}),
        /** Default: plain HTTP. */
        tls: tlsSchema.optional(),
      })
      .prefault({}),
    identity: identitySchema.prefault({}),
    /** Who may see what. `@authenticated`, `@requiresScopes` and `@policy` of the schema are always enforced. */
    authorisation: z
      .strictObject({
        /** Folder with the departments' rules, a `.yaml` file each; or `registry`: those that departments publish with their schemas. Default: none. */
        rules: z.string().min(1).optional(),
        /**
         * `enforce`: what no rule allows is not given; `report`: nothing is withheld for the rules, and what would be is logged.
         * Default: `enforce` where there are rules.
         */
        mode: z.enum(['report', 'enforce']).default('enforce'),
        /** How often the rules are read again; what has changed holds once it was found the same twice, or at once on SIGHUP. */
        readEveryMs: milliseconds.default(1_000),
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
         * included, in `extensions.explain`, and by `GET /usage` which client uses which fields. Make it long and random. Default: none, and nobody is told, in production or not.
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
    allSubgraphs: allSubgraphsSchema.prefault({}),
    /** Settings for single subgraphs, by name. */
    subgraphs: z.record(z.string(), subgraphSchema).default({}),
    retryBudget: retryBudgetSchema.prefault({}),
    /** The key that requests to departments are signed with (RFC 9421). Default: none, and nothing is signed. */
    signing: z
      .strictObject({
        /** Ed25519 private key, PEM: `openssl genpkey -algorithm ed25519 -out signing-key.pem`. */
        keyFile: z.string().min(1),
        /** By which departments find the public key. Default: the key's thumbprint (RFC 7638). */
        keyId: z
          .string()
          .regex(/^[\w.:/-]{1,200}$/, 'up to 200 letters, digits and . : / _ -')
          .optional(),
      })
      .optional(),
    cache: cacheSchema.prefault({}),
    /** Figures for Prometheus: requests, departments, the cache, the trail, the process. */
    metrics: metricsSchema.prefault({}),
    log: requestLogSchema.prefault({}),
    /** Spans of requests, their stages and their fetches, for OpenTelemetry. */
    traces: tracesSchema.prefault({}),
    /** What departments let somebody read for a purpose, for a while: see the rules' `grant` and `breakGlass`. */
    grants: z
      .strictObject({
        /** Where they are kept: `off`, an SQLite file, or a PostgreSQL address (`postgres://`). */
        store: z.string().min(1).default('off'),
        /** What a statement may take before requests that rely on a grant are refused with 503. */
        timeoutMs: milliseconds.default(1_000),
        /** How often it is read what other gateways changed. */
        readEveryMs: milliseconds.default(1_000),
      })
      .prefault({}),
    dispatch: dispatchSchema.prefault({}),
    /** The trail: a record of every request that nobody can change unseen. */
    audit: z
      .strictObject({
        /** Where it is kept: `off`, an SQLite file, or a PostgreSQL address (`postgres://`). */
        store: z.string().min(1).default('off'),
        /** Ed25519 keys that sign it, as PEM; made at the first start. The public ones stand beside it in `<file>.pub`. */
        keyFile: z.string().min(1).default('.switchyard/audit/key.pem'),
        /**
         * The secret that the names of its subjects are digested with; made at the first start. Gateways that share a store need
         * the same, and without it nobody can be found again.
         */
        secretFile: z.string().min(1).default('.switchyard/audit/subject-secret'),
        /**
         * Which claims of a caller are keys of entities that the caller is or acts for, by the claim's name: `{ uscc: 'Enterprise' }`.
         * They are shown who was given something of these. Records are about entities of these types, and of those with a field that has
         * an access class; where a type has several keys, the one that is called as the claim names its entities. Default: none.
         */
        subjectClaims: z.record(z.string().min(1), z.string().min(1)).default({}),
        /** What this gateway is called in it: letters, digits and `.`, `_`, `-`. */
        logSourceSystem: z
          .string()
          .regex(/^[\w.-]{1,64}$/, 'up to 64 letters, digits and . _ -')
          .default('switchyard'),
        /** How long a record may be without a seal: what has none could be taken from the end unseen. */
        sealEveryMs: milliseconds.default(1_000),
        /** After how many records there is a seal at the latest. */
        sealEveryRecords: count.max(100_000).default(1_000),
        /** A file elsewhere to which seals are copied, only ever appended to. Default: they are not */
        rootsCopyFile: z.string().min(1).optional(),
        /**
         * Has the newest seal time-stamped every so often by an authority (RFC 3161), so that not even who has the key can make records anew
         * later. Default: it is not
         */
        timeStamps: z
          .strictObject({
            /** Where the authority is asked over HTTP. */
            url: z.url({ protocol: /^https?$/ }),
            /** Certificates (PEM) that the authority's must lead to. Default: what is answered is kept, whoever has signed it */
            caFile: z.string().min(1).optional(),
            /** How often; where nothing was recorded since, not at all. */
            everyMs: milliseconds.default(60_000),
            /** How long the authority may take. No record waits for it; it is tried again later. */
            timeoutMs: milliseconds.default(10_000),
          })
          .optional(),
        /** Records that may wait to be written; requests beyond them are refused with 503. */
        maxQueue: count.default(10_000),
        /**
         * How long after one commit the next one begins at the latest, where many requests end: until then it waits for as long as more
         * keep coming, to be written together. Less answers sooner, more costs less.
         */
        gatherMs: z.number().int().min(0).max(1_000).default(10),
        /** How long a record may take to be durable before its request is refused with 503. */
        maxDelayMs: milliseconds.default(2_000),
        /**
         * Access classes whose reading need not be durable before it is answered, of whichever department; `unclassified` for fields
         * that have none. A query of such fields alone is answered while its record is still to be written, and loses it where the gateway is
         * killed. Default: none, and every answer waits.
         */
        soonClasses: z.array(z.string().min(1)).default([]),
      })
      .prefault({}),
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
    cache: withCacheEnvironment(config.cache, env),
    audit: { ...config.audit, store: env['SWITCHYARD_AUDIT_URL'] || config.audit.store },
    traces: tracesFromEnvironment(config.traces, env),
  };
}

function withCacheEnvironment(cache: CacheConfig, env: Readonly<Record<string, string | undefined>>): unknown {
  const { redisSentinel: _, redisCluster: __, ...rest } = cache;
  const secret = env['SWITCHYARD_INVALIDATION_SECRET'];
  return {
    ...(env['REDIS_URL'] ? { ...rest, redisUrl: env['REDIS_URL'] } : cache),
    ...(secret ? { invalidation: { ...cache.invalidation, secret } } : {}),
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
