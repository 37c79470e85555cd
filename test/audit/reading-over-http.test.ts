import { hash } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TRAIL_SDL, TRAIL_URL } from '../../gateway/audit/reading/sdl.ts';
import { FIND_USAGE_PATH } from '../../gateway/http/find-usage.ts';
import { AUDIENCE, makeKey, startIssuer } from '../identity/test-issuer.ts';
import type { Answer } from '../kit/ask.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { makePlace } from './trail-kit.ts';

const PEOPLE = {
  sdl: `type Query { person(pid: ID!): Person } type Person @key(fields: "pid") { pid: ID! name: String }`,
  resolvers: { Query: { person: (_: unknown, { pid }: { pid: string }) => ({ pid, name: 'Åsa' }) } },
};
const PEOPLE_RULES = `department: people
rules: [{ id: p-open, text: Everybody knows everybody., outcome: ALLOW, classes: unclassified }]`;

const opened: { close(): unknown }[] = [];
let url: string;
let ada: Record<string, string>;
const desk = { 'x-api-key': 'the key of the desk', 'switchyard-purpose': 'a visit' };
const auditor = { 'x-api-key': 'the key of the auditor' };

/** A gateway that keeps a trail, before a department, with the trail beside it. */
beforeAll(async () => {
  const place = keep(await makePlace());
  mkdirSync(place.file('rules'));
  cpSync('rules/trail.yaml', place.file('rules/trail.yaml'));
  writeFileSync(place.file('rules/people.yaml'), PEOPLE_RULES);
  const key = await makeKey('k1');
  const { issuer, jwksUrl, sign } = keep(await startIssuer(key));
  const served = await serveFederation(
    { people: PEOPLE, trail: { sdl: TRAIL_SDL.trimStart(), routingUrl: TRAIL_URL } },
    {
      graphiql: false,
      audit: { ...place.settings(), subjectClaims: { pid: 'Person' } },
      authorisation: { rules: place.file('rules') },
      identity: {
        apiKeys: [
          { name: 'desk', sha256: hash('sha256', desk['x-api-key']), department: 'people' },
          { name: 'auditor', sha256: hash('sha256', auditor['x-api-key']), roles: ['auditor'] },
        ],
        issuers: [{ issuer, audience: AUDIENCE, jwksUrl, claims: { others: { pid: 'pid' } } }],
      },
    },
  );
  keep(served);
  ({ url } = served);
  ada = { authorization: `Bearer ${await sign(key, { sub: 'ada', pid: 'p-1' })}` };
});
afterAll(async () => {
  for (const each of opened.reverse()) await each.close();
});

function keep<Part extends { close(): unknown }>(part: Part): Part {
  opened.push(part);
  return part;
}

async function ask(query: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

/** Who asked what, by the records of a field of the trail. */
async function read(name: string, field: string, headers: Record<string, string>): Promise<string[]> {
  const records = '{ records { initiatorPerson operationName purpose fetches { department } } }';
  const { data, errors } = await ask(`query ${name} { trail { page: ${field} ${records} } }`, headers);
  expect(errors).toBeUndefined();
  const { page } = data!['trail'] as { page: { records: Record<string, string>[] } };
  return page.records.map(({ initiatorPerson, operationName }) => `${initiatorPerson} ${operationName}`);
}

test('a gateway tells of its own trail, and every reading leaves a record of whom it was about', async () => {
  await ask('query Visit { person(pid: "p-1") { name } }', desk);
  expect(await read('Desk', 'ownActs', desk)).toEqual(['desk Visit']);
  expect(await read('Office', 'ofDepartment', desk)).toEqual(['desk Visit']);
  expect(await read('Audit', 'everything(subject: "Person:p-1", person: null)', auditor)).not.toContain('desk Desk');
  expect(await read('Mine', 'aboutMe', ada)).toContain('auditor Audit');
  expect(await read('Again', 'aboutMe(first: 1)', ada)).toEqual(['ada Mine']);
  expect(await read('All', 'everything(first: 6)', auditor)).toEqual([
    ...['ada Again', 'ada Mine', 'auditor Audit'],
    ...['desk Office', 'desk Desk', 'desk Visit'],
  ]);
});

test('findUsage tells of the same trail, and is recorded too', async () => {
  const response = await fetch(new URL(FIND_USAGE_PATH, url), { headers: ada });
  expect(response.status).toBe(200);
  const queryId = response.headers.get('switchyard-query-id');
  const { data } = await ask('{ trail { aboutMe(first: 1) { records { queryId operationName outcome } } } }', ada);
  expect(data).toEqual({
    trail: { aboutMe: { records: [{ queryId, operationName: 'findUsage', outcome: 'ANSWERED' }] } },
  });
});

test('what is refused is recorded as refused', async () => {
  const { data, errors } = await ask('query Nosy { trail { everything { total } } }', ada);
  expect(data).toEqual({ trail: { everything: null } });
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE', rule: 'trail-closed' } }]);
  const records = '{ records { operationName refused { coordinate rule isReported } } }';
  const own = await ask(`{ trail { ownActs(first: 1) ${records} } }`, ada);
  expect(own.data).toEqual({
    trail: {
      ownActs: {
        records: [
          {
            operationName: 'Nosy',
            refused: [{ coordinate: 'Trail.everything', rule: 'trail-closed', isReported: false }],
          },
        ],
      },
    },
  });
});

test('a department is told what was given of its own, and of nobody else', async () => {
  await ask('query Both { person(pid: "p-2") { name } trail { ownActs { hasMore } } }', ada);
  const fields = '{ records { operationName fields fetches { department } } }';
  const { data } = await ask(`{ trail { ofDepartment(first: 1) ${fields} } }`, desk);
  expect(data).toEqual({
    trail: {
      ofDepartment: {
        records: [
          {
            operationName: 'Both',
            fields: ['Query.person', 'Person.name'],
            fetches: [{ department: 'people' }],
          },
        ],
      },
    },
  });
});
