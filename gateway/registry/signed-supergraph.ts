import { hash } from 'node:crypto';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Signer } from '../keys/signer.ts';
import type { GraphVersion, PublishedRules, SignedSupergraph, SupergraphStatement } from './version.ts';

/** States, signed, which supergraph a version has. */
export function signSupergraph(
  { number, at, supergraph }: Pick<GraphVersion, 'number' | 'at' | 'supergraph'>,
  rules: readonly PublishedRules[],
  signer: Signer,
): GraphVersion['statement'] {
  const statement: SupergraphStatement = {
    version: number,
    at,
    sha256: hash('sha256', supergraph),
    rulesSha256: digestOf(rules),
    key: signer.keyId,
  };
  return signer.sign('supergraph', JSON.stringify(statement));
}

/** A supergraph that is the registry's own. */
export interface VerifiedSupergraph extends Pick<SignedSupergraph, 'supergraph' | 'rules'> {
  readonly ok: true;
  readonly statement: SupergraphStatement;
}

/** What a signed supergraph says of itself, once all of it is found to be true; else what is wrong. */
export function verifySupergraph(given: unknown, ring: KeyRing): VerifiedSupergraph | { ok: false; problem: string } {
  const signed = readSigned(given);
  if (!signed) return { ok: false, problem: 'it is not what a registry gives' };
  for (const announcement of signed.announcements) ring.announce(announcement);
  const statement = readStatement(signed.statement.text);
  if (!statement) return { ok: false, problem: 'what is signed says nothing of a supergraph' };
  const checked = ring.check('supergraph', statement.key, signed.statement);
  if (checked !== 'signed') return { ok: false, problem: `it is signed with ${checkedText(checked)}` };
  if (hash('sha256', signed.supergraph) !== statement.sha256)
    return { ok: false, problem: `it is not the supergraph that was signed as version ${statement.version}` };
  if (digestOf(signed.rules) !== statement.rulesSha256)
    return { ok: false, problem: `these are not the rules that were signed with version ${statement.version}` };
  return { ok: true, statement, supergraph: signed.supergraph, rules: signed.rules };
}

function digestOf(rules: readonly PublishedRules[]): string {
  return hash('sha256', JSON.stringify(rules.map(({ subgraph, text }) => [subgraph, text])));
}

function checkedText(checked: 'unknown key' | 'wrong signature'): string {
  return checked === 'unknown key' ? 'a key that is not trusted here' : 'a wrong signature';
}

function readSigned(given: unknown): SignedSupergraph | undefined {
  const { supergraph, rules, statement, announcements } = (given ?? {}) as Partial<SignedSupergraph>;
  const isRules = ({ subgraph, text }: Partial<PublishedRules>): boolean =>
    typeof subgraph === 'string' && typeof text === 'string';
  const isSigned = (each: Partial<SignedSupergraph['statement']> | undefined): boolean =>
    typeof each?.text === 'string' && typeof each.signature === 'string';
  const isWhole =
    typeof supergraph === 'string' &&
    isSigned(statement) &&
    Array.isArray(rules) &&
    rules.every(isRules) &&
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
