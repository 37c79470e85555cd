import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { ANONYMOUS, NOBODY, NO_PURPOSE, type Caller, type Identity, type Purpose } from '../caller.ts';
import { ConfigError, type Config } from '../config/config.ts';
import { ERROR_CATALOGUE, refuse, type ErrorCode, type Refusal } from '../errors.ts';
import { knowApiKeys, type ReadApiKey } from './api-keys.ts';
import { knowCertificates, type ReadCertificate } from './certificates.ts';
import type { IssuerSettings } from './claims.ts';
import { SYSTEM_CLOCK, type Clock } from './clock.ts';
import { FetchedKeys, staticKeys, type IssuerKeys } from './issuer-keys.ts';
import { readKeySet } from './key-set.ts';
import { readPurpose } from './purpose.ts';
import { Tokens } from './tokens.ts';

/** What of a request says who asks. */
export type ProvingRequest = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket'>;

/** Says who asks, and what for. */
export interface Identification {
  /**
   * Who asks by a request; never throws for what a request brings. At once, but for a token that was not seen before or
   * whose issuer is asked for its keys.
   */
  identify(request: ProvingRequest): Caller | Refusal | Promise<Caller | Refusal>;
  /** Ends what is asked of issuers. */
  close(): void;
}

export interface IdentificationOptions {
  /** Told when an issuer's keys can no longer be fetched, and why, and with undefined when they can again. */
  onIssuer(issuer: string, problem: unknown): void;
  /** Default: the system's. */
  clock?: Clock;
}

/** Opens what proofs are checked against. Issuers are asked for their keys, and not waited for. @throws ConfigError where keys cannot be read */
export async function openIdentification(
  settings: Config['identity'],
  { onIssuer, clock = SYSTEM_CLOCK }: IdentificationOptions,
): Promise<Identification> {
  const { issuers: issuerSettings, apiKeys, certificates } = settings;
  if (issuerSettings.length + apiKeys.length + certificates.length === 0)
    return { identify: ({ headers }) => combine(ANONYMOUS, readPurpose(headers)), close: () => undefined };
  const issuers = await Promise.all(
    issuerSettings.map(async (issuer) => ({
      settings: issuer,
      keys: await openKeys(issuer, { settings: settings.jwks, clock, onIssuer }),
    })),
  );
  const proofs: Proofs = {
    hasIssuers: issuers.length > 0,
    tokens: new Tokens({ issuers, maxRemembered: settings.maxRememberedTokens, clock }),
    readApiKey: knowApiKeys(apiKeys, clock),
    readCertificate: certificates.length > 0 ? knowCertificates(certificates, clock) : undefined,
  };
  return {
    identify: (request) => identify(request, proofs),
    close: () => issuers.forEach(({ keys }) => keys.close()),
  };
}

/** What is known to prove who asks. */
interface Proofs {
  hasIssuers: boolean;
  tokens: Tokens;
  readApiKey: ReadApiKey;
  /** Absent where certificates open connections and say no more. */
  readCertificate: ReadCertificate | undefined;
}

function identify(request: ProvingRequest, proofs: Proofs): Caller | Refusal | Promise<Caller | Refusal> {
  const purpose = readPurpose(request.headers);
  const proven = prove(request, proofs);
  const conclude = (identity: Identity | Refusal): Caller | Refusal =>
    'ok' in identity ? challenge(identity, proofs) : combine(identity, purpose);
  return proven instanceof Promise ? proven.then(conclude) : conclude(proven);
}

function prove(
  { headers, rawHeaders, socket }: ProvingRequest,
  { tokens, readApiKey, readCertificate }: Proofs,
): Identity | Refusal | Promise<Identity | Refusal> {
  const { authorization, 'x-api-key': apiKey } = headers;
  const certificate = readCertificate?.(socket);
  const proofs = [authorization, apiKey, certificate].filter((proof) => proof !== undefined);
  if (proofs.length > 1) return refuse('AMBIGUOUS_CREDENTIALS');
  if (certificate) return certificate;
  if (apiKey !== undefined) return readApiKey(String(apiKey));
  if (authorization === undefined) return ANONYMOUS;
  // Node passes on the first of several; a proxy on the way may have looked at the last.
  if (isRepeated('authorization', rawHeaders)) return refuse('AMBIGUOUS_CREDENTIALS');
  const [, token] = /^bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  return token === undefined ? refuse('TOKEN_MALFORMED') : tokens.identify(token);
}

/** @param rawHeaders names and values in turn */
function isRepeated(name: string, rawHeaders: readonly string[]): boolean {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const other = rawHeaders[at]!;
    if (other.length === name.length && other.toLowerCase() === name) times += 1;
  }
  return times > 1;
}

function combine(identity: Identity, purpose: Purpose | Refusal): Caller | Refusal {
  if ('ok' in purpose) return purpose;
  return identity === ANONYMOUS && purpose === NO_PURPOSE ? NOBODY : { identity, purpose };
}

/** Says how to prove who asks (RFC 6750, section 3); nothing of the kind is known for API keys and certificates. */
function challenge(refusal: Refusal, { hasIssuers }: Proofs): Refusal {
  if (refusal.httpStatus !== 401 || !hasIssuers) return refusal;
  const code = refusal.errors[0]!.extensions.code as ErrorCode;
  const isOfToken = code.startsWith('TOKEN_');
  const fault = ` error="invalid_token", error_description="${ERROR_CATALOGUE[code].text}"`;
  return { ...refusal, challenge: `Bearer${isOfToken ? fault : ''}` };
}

/** @throws ConfigError */
async function openKeys(
  { issuer, jwksUrl: url, jwks, jwksFile }: IssuerSettings,
  {
    onIssuer,
    ...options
  }: { settings: Config['identity']['jwks']; clock: Clock; onIssuer: IdentificationOptions['onIssuer'] },
): Promise<IssuerKeys> {
  if (url !== undefined) {
    const keys = new FetchedKeys({ url, ...options, onProblem: (problem) => onIssuer(issuer, problem) });
    void keys.ready();
    return keys;
  }
  try {
    const set = readKeySet(jwks ?? JSON.parse(await readFile(jwksFile!, 'utf8')));
    if (set.size === 0) throw new Error('it holds no public key that verifies signatures.');
    return staticKeys(set);
  } catch (error) {
    throw new ConfigError(`The keys of ${issuer} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
