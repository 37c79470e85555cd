import { randomUUID } from 'node:crypto';
import type { TrailEntry } from '../../gateway/audit/entry.ts';

const DIGEST = 'ab'.repeat(32);

/** An entry of some request. */
export function someEntry(changed: Partial<TrailEntry> = {}): TrailEntry {
  return {
    logTime: new Date().toISOString(),
    queryId: randomUUID(),
    outcome: 'answered',
    initiatorPerson: 'inspector-1',
    initiatorOrg: 'city',
    roles: ['tax-inspector'],
    proof: 'jwt:https://issuer.test',
    purpose: 'inspection',
    operationHash: DIGEST,
    variablesDigest: DIGEST,
    supergraphHash: DIGEST,
    fetches: [
      {
        department: 'market',
        requestDigest: DIGEST,
        responseDigest: DIGEST,
        durationMs: 1.5,
        rows: 1,
        httpStatus: 200,
      },
    ],
    fields: ['Enterprise.name'],
    refused: [{ coordinate: 'Person.name', outcome: 'DENY', rule: 'market.person' }],
    answerDigest: DIGEST,
    answerBytes: 120,
    durationMs: 4.2,
    ...changed,
  };
}
