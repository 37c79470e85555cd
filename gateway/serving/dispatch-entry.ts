import { randomUUID } from 'node:crypto';
import { digestOf as digestOfText } from '../audit/digest.ts';
import type { TrailDispatch, TrailEntry } from '../audit/entry.ts';
import type { DispatchRecord } from '../dispatch/carry-out.ts';
import { digestOf } from '../dispatch/delivery.ts';

/** The trail's record of a delivery, or of a run of which nothing is delivered. What was asked for it is recorded by itself. */
export function dispatchEntry(record: DispatchRecord): TrailEntry {
  const { claim, run, recipient, delivery } = record;
  const { definition } = claim.dispatch;
  const { identity } = recipient;
  const { purpose, legalBasis, consentReference, caseNumber } = definition;
  const entry = {
    logTime: new Date().toISOString(),
    queryId: randomUUID(),
    queryGroupId: run.queryGroupId,
    outcome: outcomeOf(record),
    ...{
      initiatorPerson: identity.subject,
      initiatorOrg: identity.organisation,
      initiatorDepartment: identity.department,
    },
    ...{ roles: identity.roles, proof: identity.proof, purpose, legalBasis, consentReference, caseNumber },
    operationHash: digestOfText({ text: definition.operation, encoding: 'utf8' }),
    variablesDigest: digestOfText({ text: JSON.stringify(definition.variables), encoding: 'utf8' }),
    ...{ supergraphHash: '', fetches: [], fields: [], refused: [] },
    answerBytes: delivery ? Buffer.byteLength(JSON.stringify(delivery)) : 0,
    durationMs: Math.max(0, Date.now() - Date.parse(run.beganAt)),
    ...(run.why && !delivery ? { errorCodes: [run.why.code] } : {}),
    dispatch: described(record),
  } as const;
  // As JSON leaves out what is undefined.
  return JSON.parse(JSON.stringify(entry)) as TrailEntry;
}

function outcomeOf({ run: { state }, delivery }: DispatchRecord): TrailEntry['outcome'] {
  if (delivery || state === 'UNCHANGED') return 'answered';
  return state === 'REFUSED' ? 'refused' : 'failed';
}

function described({ claim, run, recipient, delivery, receipt }: DispatchRecord): TrailDispatch {
  const { id, definition } = claim.dispatch;
  const delivered = delivery && {
    ...{ part: delivery.part, parts: run.parts, idempotencyKey: delivery.idempotencyKey },
    contentDigest: digestOf(delivery),
  };
  const { receiver, digest, takenAt, signature } = receipt ?? {};
  return {
    ...{
      id,
      name: definition.name,
      run: run.number,
      recipient: recipient.name,
      receiver: recipient.receiver.description,
    },
    ...{ rows: delivery?.rows.length ?? 0, removed: delivery?.removed.length ?? 0, state: run.state },
    ...delivered,
    ...(receipt && { receipt: { receiver, digest, takenAt, signature } as TrailDispatch['receipt'] & object }),
    ...(run.why && !delivery ? { reason: [run.why.rule, run.why.text].filter(Boolean).join(': ') } : {}),
  };
}
