import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { expect, test } from 'vitest';
import type { Wrapped } from '../../subgraphs/kit/wrap/wrap.ts';
import { ask, serveWrapped, wrapIn } from './wrapping.ts';

const RUNS = { numRuns: Number(process.env['SWITCHYARD_WRAP_RUNS'] ?? 10) };

const name = fc.oneof(
  fc.constantFrom(
    'id',
    'ID',
    'Name',
    'first',
    'after',
    'type',
    'Query',
    '__typename',
    'provenance',
    'Größe (m)',
    '编号',
    '2024',
    'a b',
    'a_b',
    'aB',
    '$file',
    '',
  ),
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
);
const number = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
);
const textCell = fc.oneof(
  fc.constantFrom(
    '',
    '007',
    '1,5',
    '1.234,56',
    '31.12.2024',
    '01/02/2024',
    '2024-01-31',
    'ja',
    'nein',
    'true',
    'n/a',
    '"',
    '+49',
  ),
  number.map(String),
  fc.string({ maxLength: 10, unit: 'grapheme' }),
);

/** Columns of one kind of value each, and rows of them. */
function tableOf<Cell>(cell: fc.Arbitrary<Cell>): fc.Arbitrary<{ names: string[]; rows: Cell[][] }> {
  return fc
    .tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 12 }))
    .chain(([names, count]) =>
      fc.record({
        names: fc.constant(names),
        rows: fc.array(fc.tuple(...names.map(() => cell)), { minLength: count, maxLength: count }),
      }),
    );
}

/** What must hold of everything that is written. */
async function expectToAnswer(wrapped: Wrapped, kept: number): Promise<void> {
  expect(wrapped.fault).toBeUndefined();
  const sdl = readFileSync(wrapped.files.schema, 'utf8');
  const source = { name: wrapped.draft.department, routingUrl: 'http://x.test', origin: 'x', sdl };
  expect(composeSubgraphs([source])).toMatchObject({ ok: true });
  const [type] = wrapped.draft.types;
  const [key] = type!.keys;
  const list = wrapped.draft.queries.at(-1)!.name;
  const fields = type!.fields
    .map((field) => (field.type === 'Provenance' ? `${field.name} { recordId }` : field.name))
    .join(' ');
  const served = await serveWrapped(wrapped);
  try {
    const { data, errors } = await ask(served.url, `{ list: ${list}(first: 100) { ${fields} } }`);
    expect(errors).toBeUndefined();
    const records = data!['list'] as Record<string, unknown>[];
    expect(records).toHaveLength(kept);
    const [first] = records;
    if (!key || !first) return;
    const args = key.map((field) => `${field}: ${JSON.stringify(first[field])}`).join(', ');
    const one = await ask(served.url, `{ one: ${wrapped.draft.queries[0]!.name}(${args}) { ${fields} } }`);
    expect(one).toEqual({ data: { one: first } });
  } finally {
    await served.close();
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-wrap-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test(
  'Whatever is in a CSV file, what is written of it starts, composes, and gives every row and each by its key',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(tableOf(textCell), fc.constantFrom(',', ';', '\t'), ({ names, rows }, delimiter) =>
        inFolder(async (folder) => {
          writeFileSync(join(folder, 'things.csv'), stringify([names, ...rows], { delimiter, quoted: true }));
          const wrapped = await wrapIn(folder, 'things.csv').catch((error: unknown) => error as Error);
          if (wrapped instanceof Error) {
            expect(wrapped.message).toMatch(/nothing in it to wrap|the file is empty/);
            return;
          }
          const aside = wrapped.aside.reduce((sum, each) => sum + each.rows, 0);
          await expectToAnswer(wrapped, wrapped.survey.collections[0]!.rows! - aside);
        }),
      ),
      RUNS,
    );
  },
);

test(
  'Whatever is in a SQLite table, what is written of it starts, composes, and gives every row and each by its key',
  { timeout: 300_000 },
  async () => {
    const cell = fc.oneof(
      fc.constant(null),
      textCell.filter((text) => !text.includes('\0')),
      number,
    );
    const types = fc.array(
      fc.constantFrom('', 'TEXT', 'INTEGER', 'REAL', 'NUMERIC', 'BOOLEAN', 'DATE', 'VARCHAR(20)', 'BIGINT'),
      { minLength: 6, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(tableOf(cell), types, ({ names, rows }, declared) =>
        inFolder(async (folder) => {
          const columns = [...new Map(names.map((each) => [each.toLowerCase(), each])).values()].filter(
            (each) => !each.includes('\0'),
          );
          if (columns.length === 0) return;
          using database = new DatabaseSync(join(folder, 'things.db'));
          const quoted = columns.map((each, at) => `"${each.replaceAll('"', '""')}" ${declared[at]}`);
          database.exec(`CREATE TABLE thing (${quoted.join(', ')})`);
          const insert = database.prepare(`INSERT INTO thing VALUES (${columns.map(() => '?').join(', ')})`);
          for (const row of rows) insert.run(...row.slice(0, columns.length));
          const wrapped = await wrapIn(folder, 'things.db').catch((error: unknown) => error as Error);
          if (wrapped instanceof Error) expect(wrapped.message).toContain('nothing in it to wrap');
          else await expectToAnswer(wrapped, rows.length);
        }),
      ),
      RUNS,
    );
  },
);
