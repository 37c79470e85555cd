import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { FieldsProvenance } from '../../gateway/explain/provenance.ts';
import { LIBRARY, SHELF, SHELF_DATA } from '../kit/library.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const VAULT = {
  sdl: 'type Query { open: String secret: String @authenticated }',
  resolvers: { Query: { open: () => 'open', secret: () => 'secret' } },
};

let federation: ServedFederation;
beforeAll(async () => {
  federation = await serveFederation({ ...LIBRARY, vault: VAULT }, { graphiql: false });
});
afterAll(() => federation.close());

interface Told {
  data?: unknown;
  errors?: unknown;
  extensions?: { provenance?: FieldsProvenance[] };
}

async function post(query: string, extensions?: object, url = federation.url): Promise<Told> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, extensions }),
  });
  return (await response.json()) as Told;
}

async function provenance(query: string): Promise<FieldsProvenance[]> {
  const { extensions } = await post(query, { provenance: true });
  return extensions!.provenance!;
}

test('who asks for it is told of each field its department, whether it was remembered, and how old it is', async () => {
  const beganMs = Date.now();
  const { data, extensions } = await post(SHELF, { provenance: true });
  expect(data).toEqual(SHELF_DATA);
  const told = extensions!.provenance!;
  const departmentOf = (path: string) =>
    told.filter(({ paths }) => paths.includes(path)).map(({ department }) => department);
  expect(departmentOf('books.name')).toEqual(['books']);
  expect(departmentOf('books.postage')).toEqual(['post']);
  expect(departmentOf('books.writer.called')).toEqual(['people']);
  expect(departmentOf('best.writer.name')).toEqual(['people']);
  for (const { cached, asOf, ageSeconds } of told) {
    expect(cached).toBe('none');
    expect(Date.parse(asOf)).toBeGreaterThanOrEqual(beganMs);
    expect(ageSeconds).toBeLessThan(60);
  }
});

test('what is remembered is as of when it was asked for, and told apart where a part of it is', async () => {
  const empty = await serveFederation(LIBRARY, { graphiql: false });
  onTestFinished(() => empty.close());
  const provenance = async (query: string) =>
    (await post(query, { provenance: true }, empty.url)).extensions!.provenance!;
  const people = (told: readonly FieldsProvenance[]) => told.find(({ department }) => department === 'people')!;
  const query = (field: string) => `{ ${field} { writer { id name } } }`;
  const first = people(await provenance(query('best')));
  const answeredMs = Date.now();
  const second = people(await provenance(query('best')));
  expect([first.cached, second.cached]).toEqual(['none', 'all']);
  expect(Date.parse(second.asOf)).toBeLessThanOrEqual(answeredMs);
  const partly = people(await provenance(query('books')));
  expect(partly).toMatchObject({ cached: 'part', asOf: second.asOf, paths: ['books.writer.name'] });
});

test('nothing is told of what is withheld, or of an answer that was not run', async () => {
  const told = await provenance('{ open secret }');
  expect(told).toMatchObject([{ department: 'vault', paths: ['open'] }]);
  expect(await post('{ magazines }', { provenance: true })).not.toHaveProperty('extensions');
  expect(await provenance('{ __typename }')).toEqual([]);
});

test('nobody is told who does not ask', async () => {
  for (const extensions of [undefined, {}, { provenance: false }, { provenance: 'true' }])
    expect(await post(SHELF, extensions)).toEqual({ data: SHELF_DATA });
});

test('an answer with errors says where the rest of it comes from', async () => {
  const { errors, extensions } = await post('{ books { title stamp } }', { provenance: true });
  expect(errors).toHaveLength(3);
  expect(extensions!.provenance).toMatchObject([
    { department: 'books', paths: ['books', 'books.title'] },
    { department: 'post', paths: ['books.stamp'] },
  ]);
});
