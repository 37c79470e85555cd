import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveBare, temporaryFolder } from '../kit/department.ts';
import { SIGNING_KEY } from '../kit/signed-request.ts';
import { activate, ARREARS, openOffice, register, runNow, whenRun, type DispatchOffice } from './office.ts';

const SAID = 'There is no column arrears here.';
const WHY = `The receiver refuses the delivery. It answered with status 422.`;

let office: DispatchOffice;
const open: { close(): unknown }[] = [];
beforeAll(async () => {
  const receiver = await serveBare((request, response) => {
    request.resume();
    response.writeHead(422, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ detail: SAID }));
  });
  const folder = temporaryFolder();
  const keyFile = folder.file('signing-key.pem');
  writeFileSync(keyFile, SIGNING_KEY.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  office = await openOffice({
    signing: { keyFile },
    allSubgraphs: { sign: false },
    dispatch: {
      recipients: {
        'bank-risk': { department: 'bank', roles: ['bank'], receiver: { kind: 'webhook', url: receiver.url } },
      },
    },
  });
  open.push(receiver, folder, office);
});
afterAll(async () => {
  for (const each of open.toReversed()) await each.close();
});

test('What a webhook says when it refuses is told to the dispatch’s department, and stands in no trail and no log', async () => {
  register(office, 2);
  const id = await activate(office, ARREARS);
  await runNow(office, id);
  const { why } = await whenRun(office, [id, 1], 'DEAD');
  expect(why).toEqual({ code: 'RECEIVER_REFUSED', text: `${WHY} It says: ${SAID}`, rule: null });
  const { dispatches } = await office.ask<{ dispatches: { events: { events: { kind: string; why: unknown }[] } } }>(
    '{ dispatches { events { events { kind why { text } } } } }',
  );
  expect(dispatches.events.events.at(-1)).toEqual({ kind: 'DEAD', why: { text: `${WHY} It says: ${SAID}` } });
  const { trail } = await office.ask<{ trail: { everything: { records: { dispatch: { reason: string } | null }[] } } }>(
    '{ trail { everything(person: "bank-risk") { records { dispatch { reason } } } } }',
    {},
    'auditor',
  );
  const reasons = trail.everything.records.flatMap(({ dispatch }) => (dispatch ? [dispatch.reason] : []));
  expect(reasons).toEqual([WHY]);
  expect(office.federation.logged.join('')).not.toContain(SAID);
});
