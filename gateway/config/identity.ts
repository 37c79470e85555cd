import { z } from 'zod';
import { count, milliseconds, safeUrl } from './units.ts';

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
export const identitySchema = z.strictObject({
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
