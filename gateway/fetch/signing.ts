import { hash, randomUUID, sign } from 'node:crypto';
import type { OnBehalf } from '../execute/fetcher.ts';
import { REQUEST_HEADERS, type ExtraHeaders } from './channel.ts';
import { callerFields, type CallerFields } from './signing-fields.ts';
import type { SigningKey } from './signing-key.ts';

/**
 * Signs a request to one department, and gives the headers that say so.
 *
 * @param body as it will be sent
 * @param onBehalf left out: nobody's in particular
 * @param more further headers that are signed, names in lower case. Default: none
 * @throws GatewayFault SUBREQUEST_HTTP_ERROR where who asks and what for does not fit into a request's head
 */
export type SignRequest = (body: string, onBehalf: OnBehalf | undefined, more?: ExtraHeaders) => ExtraHeaders;

/** How long after it is made a signature may be taken; a request waits for a connection in that time. */
const LIFETIME_SECONDS = 60;

/** What makes the department's own signatures known among others that a proxy may add. */
const TAG = 'switchyard';

/**
 * Signs requests to a URL by HTTP Message Signatures (RFC 9421) with a digest of the body (RFC 9530).
 *
 * The scheme is not signed, so that a department may stand behind a proxy that ends TLS; the authority is, so that one
 * department cannot hand a request on to another.
 */
export function signRequests({ keyId, privateKey }: SigningKey, url: URL): SignRequest {
  const contentType = REQUEST_HEADERS['content-type'];
  const target = `"@method": POST\n"@authority": ${url.host}\n"@path": ${url.pathname}\n"@query": ?${url.search.slice(1)}\n`;
  const covered = '"@method" "@authority" "@path" "@query" "content-digest" "content-type"';
  const keyParameters = `alg="ed25519";keyid="${keyId}";tag="${TAG}"`;
  const nobody = callerFields(undefined);
  return (body, onBehalf, more) => {
    const fields = onBehalf ? rememberedFields(onBehalf) : nobody;
    const { headers, components, baseLines } = more ? withMore(fields, more) : fields;
    const digest = `sha-256=:${hash('sha256', body, 'base64')}:`;
    const created = Math.floor(Date.now() / 1_000);
    const times = `created=${created};expires=${created + LIFETIME_SECONDS};nonce="${randomUUID()}"`;
    const parameters = `(${covered} ${components});${times};${keyParameters}`;
    const base = `${target}"content-digest": ${digest}\n"content-type": ${contentType}\n${baseLines}"@signature-params": ${parameters}`;
    const signature = sign(null, Buffer.from(base, 'latin1'), privateKey).toString('base64');
    return {
      ...headers,
      'content-digest': digest,
      'signature-input': `${TAG}=${parameters}`,
      signature: `${TAG}=:${signature}:`,
    };
  };
}

function withMore({ headers, components, baseLines }: CallerFields, more: ExtraHeaders): CallerFields {
  const entries = Object.entries(more);
  return {
    headers: { ...headers, ...more },
    components: [components, ...entries.map(([name]) => `"${name}"`)].join(' '),
    baseLines: baseLines + entries.map(([name, value]) => `"${name}": ${value}\n`).join(''),
  };
}

const made = new WeakMap<OnBehalf, CallerFields>();

/** What is asked on one's behalf says so in the same words each time. */
function rememberedFields(onBehalf: OnBehalf): CallerFields {
  let fields = made.get(onBehalf);
  if (!fields) {
    fields = callerFields(onBehalf);
    made.set(onBehalf, fields);
  }
  return fields;
}
