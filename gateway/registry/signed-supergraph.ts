import { hash } from 'node:crypto';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Signer } from '../keys/signer.ts';
import type { GraphVersion, SignedSupergraph, SupergraphStatement } from './version.ts';

/** States, signed, which supergraph a version has. */
export function signSupergraph(
  { number, at, supergraph }: Pick<GraphVersion, 'number' | 'at' | 'supergraph'>,
  signer: Signer,
): GraphVersion['statement'] {
  const statement: SupergraphStatement = { version: number, at, sha256: hash('sha256', supergraph), key: signer.keyId };
  return signer.sign('supergraph', JSON.stringify(statement));
}

/** What a signed supergraph says of itself, once all of it is found to be true; else what is wrong. */
export function verifySupergraph(
  given: unknown,
  ring: KeyRing,
): { ok: true; statement: SupergraphStatement; supergraph: string } | { ok: false; problem: string } {
  const signed = readSigned(given);
  if (!signed) return { ok: false, problem: 'it is not what a registry gives' };
  for (const announcement of signed.announcements) ring.announce(announcement);
  const statement = readStatement(signed.statement.text);
  if (!statement) return { ok: false, problem: 'what is signed says nothing of a supergraph' };
  const checked = ring.check('supergraph', statement.key, signed.statement);
  if (checked !== 'signed') return { ok: false, problem: `it is signed with ${checkedText(checked)}` };
  if (hash('sha256', signed.supergraph) !== statement.sha256)
    return { ok: false, problem: `it is not the supergraph that was signed as version ${statement.version}` };
  return { ok: true, statement, supergraph: signed.supergraph };
}

function checkedText(checked: 'unknown key' | 'wrong signature'): string {
  return checked === 'unknown key' ? 'a key that is not trusted here' : 'a wrong signature';
}

function readSigned(given: unknown): SignedSupergraph | undefined {
  const { supergraph, statement, announcements } = (given ?? {}) as Partial<SignedSupergraph>;
  const isSigned = (each: Partial<SignedSupergraph['statement']> | undefined): boolean =>
    typeof each?.text === 'string' && typeof each.signature === 'string';
  const isWhole =
    typeof supergraph === 'string' &&
    isSigned(statement) &&
    Array.isArray(announcements) &&
    announcements.every(isSigned);
  return isWhole ? (given as SignedSupergraph) : undefined;
}

function readStatement(text: string): SupergraphStatement | undefined {
  try {
    const { version, sha256, key } = JSON.parse(text) as Partial<SupergraphStatement>;
    const isOne = Number.isSafeInteger(version) && typeof sha256 === 'string' && typeof key === 'string';
    return isOne ? (JSON.parse(text) as SupergraphStatement) : undefined;
  } catch {
    return undefined;
  }
}
