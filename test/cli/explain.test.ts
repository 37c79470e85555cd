import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, temporaryFolder } from '../kit/department.ts';
import { runInColour, runSwitchyard, type Output } from './command.ts';
import { LIBRARY, SHELF, SHELF_DATA } from '../kit/library.ts';
import { serveFederation, type ServedFederation } from '../kit/served-federation.ts';

const folder = temporaryFolder();
let federation: ServedFederation;
beforeAll(async () => {
  federation = await serveFederation(LIBRARY, { graphiql: false });
});
afterAll(async () => {
  await federation.close();
  folder.close();
});

function explain(operation: string, options: readonly string[], env: Record<string, string> = {}): Promise<Output> {
  return runSwitchyard(argumentsOf(operation, options), env);
}

function argumentsOf(operation: string, options: readonly string[]): string[] {
  const file = folder.file('operation.graphql');
  writeFileSync(file, operation);
  return ['explain', file, '--supergraph', federation.supergraphFile, ...options];
}

/** The lines of a text below a heading, up to the next one. */
function section(text: string, heading: string): string[] {
  const lines = text.split('\n');
  const below = lines.slice(lines.indexOf(heading) + 1);
  return below.slice(0, below.indexOf('') === -1 ? undefined : below.indexOf(''));
}

describe('switchyard explain', () => {
  test('prints what each fetch hands in, and where each field comes from', async () => {
    const { exitCode, stdout } = await explain(SHELF, []);
    expect(exitCode).toBe(0);
    const fetches = section(stdout, 'Fetches').filter((line) => !line.includes('query Shelf'));
    expect(fetches).toEqual([
      '  0  books  (root)',
      '  1  post  books.@',
      '     hands in Book by isbn; with grams',
      '  2  people  books.@.writer',
      '     hands in Person by id',
      '  3  people  best.writer  shares results with 2',
      '     hands in Person by id',
    ]);
    expect(section(stdout, 'Fields')).toEqual([
      '  field                subgraph and fetch',
      '  books                books 0',
      '  books.name           books 0',
      '  books.postage        post 1',
      '  books.writer         books 0',
      '  books.writer.id      books 0',
      '  books.writer.called  people 2',
      '  best                 books 0',
      '  best.writer          books 0',
      '  best.writer.name     people 3',
    ]);
    expect(section(stdout, 'Program')[0]).toMatch(/^\d+ lines; --code prints them$/);
    expect(stdout).not.toContain('\nRun\n');
  });

  test.each([
    ['variables that are not JSON', ['--variables', '{x'], '--variables is not JSON: '],
    ['variables that are no object', ['--variables', '[]'], '--variables must be a JSON object.'],
    ['a URL without a name', ['--subgraph-url', 'http://x'], '--subgraph-url takes name=url, not "http://x".'],
    [
      'a URL for nobody',
      ['--subgraph-url', 'nobody=http://x'],
      'There is no subgraph "nobody"; the supergraph has books, people, post.',
    ],
    ['a URL that cannot be asked', ['--run', '--subgraph-url', 'post=ftp://x'], 'Subgraph post cannot be asked at'],
  ])('refuses %s', async (_, options, message) => {
    const { exitCode, stderr } = await explain(SHELF, options);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test('says with --run, too, what is wrong with an operation', async () => {
    const { exitCode, stdout, stderr } = await explain('{ magazines }', ['--run']);
    expect([exitCode, stdout, stderr]).toEqual([1, '', 'Cannot query field "magazines" on type "Query".\n']);
  });
});

interface Explained {
  run: {
    answeredBy: string;
    because?: string;
    answerBytes: number;
    errors: { message: string }[];
    sharing: object[];
    timings: {
      totalMs: number;
      readyMs: number;
      requests: { service: string; beganMs: number; tookMs: number; bytesOut: number; bytesIn: number }[];
    };
  };
}

describe('switchyard explain --run', () => {
  test('tells as JSON when each subgraph was asked, for how long, with how many bytes, and what was shared', async () => {
    const { exitCode, stdout } = await explain(SHELF, ['--run', '--json']);
    expect(exitCode).toBe(0);
    const { run } = JSON.parse(stdout) as Explained;
    expect(run).toMatchObject({ answeredBy: 'program', errors: [] });
    expect(run.answerBytes).toBe(Buffer.byteLength(JSON.stringify({ data: SHELF_DATA })));
    const { requests, readyMs, totalMs } = run.timings;
    expect(requests).toMatchObject([
      { fetch: 0, service: 'books', representations: 0, httpStatus: 200 },
      { fetch: 1, service: 'post', representations: 3, httpStatus: 200 },
      { fetch: 2, service: 'people', representations: 2, httpStatus: 200 },
    ]);
    for (const { beganMs, tookMs } of requests) {
      expect(beganMs).toBeGreaterThanOrEqual(readyMs);
      expect(beganMs + tookMs).toBeLessThanOrEqual(totalMs);
    }
    const [books, post, people] = requests;
    expect(post!.beganMs).toBeGreaterThanOrEqual(books!.beganMs + books!.tookMs);
    expect(people!.bytesIn).toBe(
      Buffer.byteLength(JSON.stringify({ data: { _entities: [{ name: 'Zoë 😀' }, { name: 'Max' }] } })),
    );
    expect(people!.bytesOut).toBeGreaterThan(
      Buffer.byteLength('"representations":[{"__typename":"Person","id":"z"},{"__typename":"Person","id":"m"}]'),
    );
    expect(run.sharing).toContainEqual({ fetch: 3, places: 1, asked: 0, remembered: 0, shared: 1 });
  });

  test('shows it as a table, with a waterfall only where a person looks', async () => {
    const plain = await explain(SHELF, ['--run']);
    const coloured = await runInColour(argumentsOf(SHELF, ['--run']));
    expect(plain.stdout).not.toContain('█');
    const [columns, ...rows] = section(plain.stdout, 'Run');
    expect(columns).toMatch(/^fetch +subgraph +began +took +out +in +asked +shared +status$/);
    expect(rows[2]).toMatch(/^ +2 +people +[\d.]+ ms +[\d.]+ ms +\d+ B +60 B +2 +1 +200$/);
    expect(rows[3]).toBe('fetch 3 asked people nothing: another fetch asked all it needed (1 shared)');
    expect(plain.stdout).toContain(`\nanswered by the program\nanswer of 279 B, no errors\n`);
    const [, ...bars] = section(stripVTControlCharacters(coloured.stdout), 'Run').map((line) => line.search('█'));
    expect(bars[0]).toBeGreaterThan(0);
    expect(bars[1]).toBeGreaterThan(bars[0]!);
  });

  test('says why it was answered the plain way, and what a department reported', async () => {
    const { exitCode, stdout } = await explain('{ books { stamp } }', ['--run']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('answered by the plain way: post reported errors');
    expect(stdout).toContain('errors: 3\n  books.0.stamp  no stamps left\n');
  });

  test('asks a subgraph where the command line says, before the environment, before the supergraph', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}/graphql`;
    const env = { SWITCHYARD_SUBGRAPH_URLS: JSON.stringify({ people: nowhere, post: 'http://127.0.0.1:1/graphql' }) };
    const { stdout } = await explain(SHELF, ['--run', '--subgraph-url', `post=${nowhere}`], env);
    expect(stdout).toContain(`people: Subgraph people at ${nowhere}: `);
    expect(stdout).toContain(`post: Subgraph post at ${nowhere}: `);
    expect(stdout).toMatch(/ people .* SUBREQUEST_HTTP_ERROR$/m);
    expect(stdout).toMatch(/answered by the plain way: (people|post) gave no answer: SUBREQUEST_HTTP_ERROR/);
  });
});
