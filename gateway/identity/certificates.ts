import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Identity } from '../caller.ts';
import type { Config } from '../config/config.ts';
import { refuse, type Refusal } from '../errors.ts';
import type { Clock } from './clock.ts';
import { systemIdentity } from './system-identity.ts';

/** Says whose certificate a connection has shown; undefined where it has shown none. */
export type ReadCertificate = (socket: Socket) => Identity | Refusal | undefined;

/** What a connection has shown, and until when that holds: a connection may outlive its certificate. */
interface Shown {
  identity: Identity | undefined;
  validUntilMs: number;
}

/**
 * Knows departments by the certificates with which they connect to this gateway itself. Headers in which a proxy says what
 * certificate it saw are not looked at: anybody can send them.
 */
export function knowCertificates(settings: Config['identity']['certificates'], clock: Clock): ReadCertificate {
  const shown = new WeakMap<Socket, Shown | 'none'>();
  return (socket) => {
    let known = shown.get(socket);
    if (!known) shown.set(socket, (known = inspect(socket, settings) ?? 'none'));
    if (known === 'none') return undefined;
    return known.identity && clock.wallMs() <= known.validUntilMs ? known.identity : refuse('CERTIFICATE_UNKNOWN');
  };
}

function inspect(socket: Socket, settings: Config['identity']['certificates']): Shown | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (!certificate) return undefined;
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  // What looks like a separator inside a name is escaped there (RFC 4514).
  const subject = certificate.subject.replaceAll('\n', ', ');
  const isVouchedFor = (socket as TLSSocket).authorized;
  const entry = settings.find((each) => each.fingerprint === fingerprint || each.subject === subject);
  return {
    identity: isVouchedFor && entry ? systemIdentity(entry, `mtls:${fingerprint}`) : undefined,
    validUntilMs: certificate.validToDate.getTime(),
  };
}
