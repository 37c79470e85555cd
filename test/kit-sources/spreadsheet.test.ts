import { readFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { conversionOf, plainNumber, type Conversion } from '../../subgraphs/kit/manifest/conversions.ts';
import type { SourceRow } from '../../subgraphs/kit/record-source.ts';
import { spreadsheetKind } from '../../subgraphs/kit/sources/spreadsheet.ts';
import { dropFolderContractOf, oneFileOf, rowsOf, type DropFormat } from './drop-folder.ts';

const open: DropFormat['open'] = (folder, context) => spreadsheetKind.open({ folder }, context);

const XLSX: DropFormat = {
  name: 'spreadsheets of Excel',
  ending: 'xlsx',
  open,
  write: (rows) =>
    writeXlsxFile([
      Object.keys(rows[0]!),
      ...rows.map((row) => Object.values(row).map((value) => value as string | number | null)),
    ]).toBuffer(),
  lineOf: (record) => record + 2,
  cut: async (rows) => {
    const whole = await XLSX.write(rows);
    return whole.slice(0, -99);
  },
};
dropFolderContractOf(XLSX);

const columns = new Map<string, Conversion | undefined>([
  ['id', undefined],
  ['fullName', undefined],
  ['size', plainNumber],
  ['seen', conversionOf({ date: 'DD.MM.YYYY' })],
  ['at', undefined],
  ['ok', undefined],
  ['month', conversionOf({ date: 'YYYY-MM' })],
]);
const select = [...columns.keys(), '$line'];
const made = (name: string): Buffer => readFileSync(new URL(`files/${name}`, import.meta.url));

describe('files that other programs made', () => {
  const xlsx = oneFileOf({ ending: 'xlsx', open }, { columns });
  const ods = oneFileOf({ ending: 'ods', open }, { columns });

  // Made with openpyxl 3.1: a hidden sheet, one without records, and one with a title above the names of its columns.
  test('of Excel: numbers exact, days and times as ISO 8601 has them, errors as what does not fit', async () => {
    const { source, aside } = await xlsx(made('openpyxl.xlsx'));
    const rows = (await rowsOf(source, select)).toSorted((one, other) => Number(one['$line']) - Number(other['$line']));
    expect(rows).toEqual([
      {
        ...{ id: '00007', fullName: 'Größe 北京', size: 0.3, seen: '2025-12-31' },
        ...{ at: '2025-03-30T02:30:00', ok: 'true', month: '2025-12', $line: 4 },
      },
      {
        ...{ id: '123', fullName: 'x\ny', size: 12345678901234, seen: '1900-01-01' },
        ...{ at: '08:05:30', ok: 'false', month: '1900-03', $line: 5 },
      },
      {
        ...{ id: 'A-1', fullName: null, size: -0.5, seen: '2025-12-31' },
        ...{ at: '2024-02-29T23:59:59.500', ok: null, month: '2025-07', $line: 7 },
      },
    ]);
    expect(await aside()).toEqual([]);
  });

  test('of Excel for the Mac, which counts days from 1904 on', async () => {
    const { source } = await xlsx(made('openpyxl-1904.xlsx'));
    expect((await rowsOf(source, ['seen'])).map((row) => row['seen'])).toEqual(['1904-01-02', '2025-12-31']);
  });

  // Made with odfpy 1.4: rows and columns that say how often they are there, a remark on a cell, a million empty rows at the end.
  test('of LibreOffice', async () => {
    const { source, aside } = await ods(made('odfpy.ods'));
    const rows = (await rowsOf(source, select)).toSorted((one, other) => Number(one['$line']) - Number(other['$line']));
    expect(rows).toEqual([
      {
        ...{ id: '7', fullName: 'Größe  北京', size: 0.30000000000000004, seen: '2025-12-31' },
        ...{ at: '2025-03-30T02:30:00', ok: 'true', month: '2025-12', $line: 4 },
      },
      {
        ...{ id: '123', fullName: 'x\ny', size: 12345678901234, seen: '1900-01-01' },
        ...{ at: '08:05:30', ok: 'false', month: '1900-03', $line: 5 },
      },
      {
        ...{ id: 'A-1', fullName: null, size: null, seen: '2025-12-31' },
        ...{ at: '2024-02-29T23:59:59.500000000', ok: null, month: '2025-07', $line: 8 },
      },
    ]);
    expect(await aside()).toEqual([]);
  });
});

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook of one sheet, by its parts. */
function workbook(rows: string, parts: Record<string, string | Uint8Array> = {}): Buffer {
  const all: Record<string, string | Uint8Array> = {
    '_rels/.rels': `<Relationships><Relationship Id="r1" Type="${RELATIONS}/officeDocument" Target="/x/book.xml"/></Relationships>`,
    'x/book.xml':
      '<x:workbook xmlns:x="urn:x" xmlns:r="urn:r"><x:sheets><x:sheet name="s" r:id="r1"/></x:sheets></x:workbook>',
    'x/_rels/book.xml.rels':
      `<Relationships><Relationship Id="r1" Type="${RELATIONS}/worksheet" Target="sheet.xml"/>` +
      `<Relationship Id="r2" Type="${RELATIONS}/sharedStrings" Target="texts.xml"/></Relationships>`,
    'x/texts.xml': '<sst><si><t>id</t></si><si><r><t>na</t></r><r><t>me</t></r><rPh><t>no</t></rPh></si></sst>',
    'x/sheet.xml': sheet(rows),
    ...parts,
  };
  const bytes = Object.entries(all).map(([name, text]) => [name, typeof text === 'string' ? strToU8(text) : text]);
  return Buffer.from(zipSync(Object.fromEntries(bytes) as Record<string, Uint8Array>));
}

const sheet = (rows: string): string =>
  `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="s"><v>1</v></c></row>${rows}</sheetData></worksheet>`;
const row = (id: string): string =>
  `<row><c t="inlineStr"><is><t>${id}</t></is></c><c t="str"><v>a_x000D_b</v></c></row>`;
const oneFile = oneFileOf(XLSX);
const oneOds = oneFileOf({ ending: 'ods', open });
const content = (rows: string): Buffer =>
  Buffer.from(
    zipSync({
      'content.xml': strToU8(
        `<o:d><o:body><o:spreadsheet><t:table t:name="s">${rows}</t:table></o:spreadsheet></o:body></o:d>`,
      ),
    }),
  );

test('a workbook is read by what it refers to, whatever its parts are called and rows and cells without places', async () => {
  const { source, aside } = await oneFile(
    workbook(
      `${row('1')}<row r="9"><c r="A9"><v>2</v></c><c r="B9" t="e"><v>#N/A</v></c><c r="ZZ9"><v>3</v></c></row>`,
    ),
  );
  expect(
    (await rowsOf(source, ['id', 'name', '$line'])).map((each) => ({ ...each, name: String(each['name'] as string) })),
  ).toEqual([
    { id: '1', name: 'a\rb', $line: 2 },
    { id: '2', name: '', $line: 9 },
  ]);
  expect(await aside()).toEqual([
    { line: 9, reason: 'name must be a value, and not the error of a formula', isKept: 1 },
  ]);
});

const said = oneFileOf({
  ending: 'xlsx',
  open: (folder, context) => spreadsheetKind.open({ folder, sheet: 'notes', header: 1 }, context),
});

test('the sheet and the row with the names may be said', async () => {
  const { source } = await said(made('openpyxl.xlsx'));
  expect(await rowsOf(source, ['id'])).toEqual([{ id: 'hidden' }]);
  const other = await said(workbook(''));
  expect(other.source.stats?.()).toMatchObject({ files: [{ fault: 'there is no sheet notes; there are s' }] });
});

/** A sheet of 16 MiB of blanks, which come to next to nothing, said to be smaller or larger than it is. */
function lyingZip(uncompressedBytes: number): Buffer {
  const zip = workbook('', { 'x/sheet.xml': new Uint8Array(16 * 1_048_576).fill(32) });
  const name = Buffer.from('x/sheet.xml');
  const at = zip.lastIndexOf(name) - 46;
  zip.writeUInt32LE(uncompressedBytes, at + 24);
  return zip;
}

test.each<[string, () => Buffer | string, RegExp]>([
  ['a text', () => 'id,name\n1,one', /^it is no spreadsheet: a ZIP file of XML$/],
  ['nothing', () => '', /^it is no spreadsheet/],
  [
    'a file with a password',
    () => Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    /has a password or is a file of before 2007/,
  ],
  [
    'a ZIP file of something else',
    () => Buffer.from(zipSync({ 'a.txt': strToU8('a') })),
    /^it has no part xl\/workbook.xml$/,
  ],
  [
    'no row with the names',
    () => workbook('', { 'x/texts.xml': '<sst/>' }),
    /^no row among the first 50 names the columns id$/,
  ],
  ['a part that says it comes to gigabytes', () => lyingZip(4_000_000_000), /comes to more than 536870912 bytes/],
  ['a part that comes to more than it says', () => lyingZip(1_000), /too many bytes/],
  [
    'a bomb of entities',
    () => workbook('', { 'x/texts.xml': '<!DOCTYPE sst [<!ENTITY a "b">]><sst/>' }),
    /document type of its own/,
  ],
  ['elements without an end', () => workbook('<row>'.repeat(300_000)), /more than 100 elements in each other/],
  [
    'a text without an end',
    () => workbook(`<row><c t="str"><v>${'x'.repeat(3 * 1_048_576)}</v></c></row>`),
    /more than 1048576 characters/,
  ],
  [
    'texts without an end',
    () => workbook('', { 'x/texts.xml': `<sst>${`<si><t>${'x'.repeat(1_000_000)}</t></si>`.repeat(70)}</sst>` }),
    /its texts come to more than/,
  ],
])('a file with %s is named and bounded', async (_, make, fault) => {
  const { source } = await oneFile(make());
  expect(source.stats?.()).toMatchObject({ files: [{ rowsKept: 0, fault: expect.stringMatching(fault) as string }] });
});

test('of a sheet that goes wrong on its way what is good is kept', async () => {
  const { source } = await oneFile(workbook(`${row('1')}</row>`));
  expect(source.stats?.()).toMatchObject({
    files: [{ rowsKept: 1, fault: expect.stringMatching(/^it is no XML/) as string }],
  });
});

test('a row that says it is there a billion times is bounded', async () => {
  const cell = '<t:table-cell o:value-type="string"><x:p>id</x:p></t:table-cell>';
  const { source } = await oneOds(
    content(`<t:table-row>${cell}</t:table-row><t:table-row t:number-rows-repeated="1000000000">${cell}</t:table-row>`),
  );
  expect(source.stats?.()).toMatchObject({ files: [{ fault: 'it has more than 1048576 rows' }] });
  const wide = cell.replace('<t:table-cell', '<t:table-cell t:number-columns-repeated="1000000000"');
  const other = await oneOds(content(`<t:table-row>${cell}</t:table-row><t:table-row>${wide}</t:table-row>`));
  expect(await rowsOf(other.source, ['id', '$line'])).toEqual([{ id: 'id', $line: 2 }] satisfies SourceRow[]);
});
