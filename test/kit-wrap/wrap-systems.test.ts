import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { expect, inject, test } from 'vitest';
import { closingAfterEach, serveBare, temporaryFolder } from '../kit/department.ts';
import { runStatements, startMariaDb } from '../kit/mariadb.ts';
import { connectTo } from '../kit/postgres-client.ts';
import { createDatabase } from '../kit/services.ts';
import { serveFerries } from './ferry-service.ts';
import { ask, questionsOf, serveWrapped, wrapIn } from './wrapping.ts';

const closing = closingAfterEach();

test('A PostgreSQL database becomes a department with its comments and enums, and its address in no file', async () => {
  const database = await createDatabase(inject('databaseUrl'));
  closing({ close: () => database.drop() });
  const client = await connectTo(database.url);
  await client.query(`
    create type phase as enum ('under repair', 'open');
    create table bridge (id uuid primary key, name text not null, phase phase, built date, cost numeric(12, 2), tags text[], raw bytea);
    comment on table bridge is 'Every bridge of the city.';
    comment on column bridge.cost is 'In yuan.';
    create table visit (bridge uuid not null references bridge, at timestamptz, note text);
    insert into bridge values ('6ecd8c99-4036-403d-bf84-cf8400f67836', 'Old Bridge', 'under repair', '1902-05-01', 12.50, '{a,b}', null);
    insert into visit values ('6ecd8c99-4036-403d-bf84-cf8400f67836', '2024-01-01 10:00+00', 'fine');`);
  await client.close();
  const folder = closing(temporaryFolder());
  const wrapped = await wrapIn(folder.path, database.url, { name: 'bridges' });
  expect(wrapped).toMatchObject({ fault: undefined, needs: 'BRIDGES_URL' });
  const written = [wrapped.files.manifest, wrapped.files.schema].map((file) => readFileSync(file, 'utf8')).join('\n');
  expect(written).toContain("source: { kind: postgres, url: '${BRIDGES_URL}' }");
  expect(written).not.toContain(new URL(database.url).host);
  expect(written).toContain('"Every bridge of the city."');
  expect(wrapped.survey.leftOut).toEqual(['bridge.raw: values of type bytea cannot be given']);
  const { url } = closing(await serveWrapped(wrapped, { BRIDGES_URL: database.url }));
  const query =
    '{ bridges { name phase built cost tags visits { at note bridge { name } bridgeId } } visits(first: 1) { note } }';
  expect(await ask(url, query)).toEqual({
    data: {
      bridges: [
        {
          name: 'Old Bridge',
          phase: 'UNDER_REPAIR',
          built: '1902-05-01',
          cost: 12.5,
          tags: ['a', 'b'],
          visits: [
            {
              at: '2024-01-01T10:00:00.000Z',
              note: 'fine',
              bridge: { name: 'Old Bridge' },
              bridgeId: '6ecd8c99-4036-403d-bf84-cf8400f67836',
            },
          ],
        },
      ],
      visits: [{ note: 'fine' }],
    },
  });
});

test('A MariaDB database becomes a department with its comments, enums and relations', async () => {
  const server = await startMariaDb();
  closing({ close: () => server.stop() });
  const database = await server.createDatabase();
  await runStatements(database, [
    `CREATE TABLE ship (imo INT PRIMARY KEY, name VARCHAR(40) NOT NULL COMMENT 'As it is painted.', kind ENUM('ferry', 'tug boat'),
       built DATE, active BOOLEAN, tonnage DECIMAL(10, 2), photo BLOB, UNIQUE (name)) COMMENT 'Every ship.'`,
    `CREATE TABLE call_at (ship INT NOT NULL, port VARCHAR(5) NOT NULL, at DATETIME, PRIMARY KEY (ship, port), FOREIGN KEY (ship) REFERENCES ship (imo))`,
    `INSERT INTO ship VALUES (7, 'Anna', 'tug boat', '1990-05-01', true, 12.5, 'x')`,
    `INSERT INTO call_at VALUES (7, 'DEHAM', '2026-01-01 10:00:00')`,
  ]);
  const folder = closing(temporaryFolder());
  const wrapped = await wrapIn(folder.path, database, { name: 'ships' });
  expect(wrapped).toMatchObject({ fault: undefined, needs: 'SHIPS_URL' });
  expect(readFileSync(wrapped.files.schema, 'utf8')).toMatch(/"Every ship."[^]*"As it is painted."/);
  const { url } = closing(await serveWrapped(wrapped, { SHIPS_URL: database }));
  const query =
    '{ ship(imo: "7") { name kind built active tonnage callAts { port at ship { name } } } ships(first: 1) { imo } }';
  expect(await ask(url, query)).toEqual({
    data: {
      ship: {
        ...{ name: 'Anna', kind: 'TUG_BOAT', built: '1990-05-01', active: true, tonnage: 12.5 },
        callAts: [{ port: 'DEHAM', at: '2026-01-01T10:00:00', ship: { name: 'Anna' } }],
      },
      ships: [{ imo: '7' }],
    },
  });
});

test('A service with an OpenAPI document becomes a department, with what it has operations for and nothing else', async () => {
  const service = closing(await serveFerries());
  const folder = closing(temporaryFolder());
  const wrapped = await wrapIn(folder.path, service.documentUrl, { joins: ['flag=Place.iso'] });
  expect(wrapped).toMatchObject({ fault: undefined, folder: folder.file('ferry-company') });
  expect(wrapped.draft.queries.map(({ name, args }) => [name, args.map((arg) => arg.name)])).toEqual([
    ['line', ['code']],
    ['lines', ['first', 'state']],
    ['port', ['id']],
    ['ports', ['first', 'after', 'name', 'country']],
  ]);
  expect(wrapped.survey.leftOut).toEqual([
    'listLines.crew: its values are objects, or lists of them',
    'GET /health: its records can neither be listed nor be found by a key',
  ]);
  expect(questionsOf(wrapped)).toEqual(
    expect.arrayContaining([expect.stringContaining('Do the lists of listLines come by code?')]),
  );
  const { url } = closing(await serveWrapped(wrapped));
  const query = `{
    line(code: "F003") { title state lengthKm harbourName stops place { iso } sailings { departs boat } }
    lines(first: 2, state: CLOSED) { code }
    port(id: "2") { name }
  }`;
  expect(await ask(url, query)).toEqual({
    data: {
      line: {
        ...{
          title: 'Line 3',
          state: 'CLOSED',
          lengthKm: 1.5,
          harbourName: 'Harbour 3',
          stops: ['A', 'B'],
          place: { iso: 'DE' },
        },
        sailings: [{ departs: '2026-01-01T06:00:00Z', boat: 'Boat of F003' }],
      },
      lines: [{ code: 'F000' }, { code: 'F003' }],
      port: { name: 'Brest' },
    },
  });
});

test('A GraphQL service that knows no federation becomes a department by what it says of itself', async () => {
  const schema = buildSchema(`
    type Query { loans(status: Status): [Loan!]! loan(number: ID!): Loan }
    enum Status { OPEN PAID }
    type Loan { number: ID! principal: Float status: Status! bank: Bank }
    type Bank { name: String loans: [Loan!] }`);
  const loans = [1, 2].map((at) => ({
    number: `L${at}`,
    principal: at * 1.5,
    status: 'OPEN',
    bank: { name: `Bank ${at}` },
  }));
  const rootValue = {
    loans: () => loans,
    loan: (args: { number: string }) => loans.find(({ number }) => number === args.number),
  };
  const answer = createHandler({ schema, rootValue });
  const service = closing(await serveBare((request, response) => void answer(request, response)));
  const folder = closing(temporaryFolder());
  const wrapped = await wrapIn(folder.path, `${service.url}/graphql`, { name: 'credit' });
  expect(wrapped).toMatchObject({ fault: undefined, survey: { kind: 'graphql' } });
  const { url } = closing(await serveWrapped(wrapped));
  expect(await ask(url, '{ loan(number: "L2") { principal status bankName } loans { number } }')).toEqual({
    data: { loan: { principal: 3, status: 'OPEN', bankName: 'Bank 2' }, loans: [{ number: 'L1' }, { number: 'L2' }] },
  });
});

test('Headers for a service are references to the environment in the manifest, and their values are sent', async () => {
  const service = closing(await serveFerries());
  const folder = closing(temporaryFolder());
  const headers = ['authorization: Bearer ${FERRY_TOKEN}'];
  const wrapped = await wrapIn(folder.path, service.documentUrl, { headers, env: { FERRY_TOKEN: 'a-secret' } });
  const manifest = readFileSync(wrapped.files.manifest, 'utf8');
  expect(manifest).toContain('Bearer ${FERRY_TOKEN}');
  expect(manifest).not.toContain('a-secret');
  expect(service.authorizations).toEqual(expect.arrayContaining(['Bearer a-secret']));
  await expect(wrapIn(folder.path, service.documentUrl, { headers: ['authorization: a-secret'] })).rejects.toThrow(
    'name an environment variable',
  );
});
