import { BoundedXml } from './bounded-xml.ts';
import { TypedTime } from './typed-time.ts';

/** What a cell's format makes of its number, as far as it says what the number is. */
export type CellFormat = { kind: 'number' } | { kind: 'time' } | { kind: 'digits'; count: number };

/** Formats of days and times that need no words (ECMA-376 part 1, 18.8.30). */
const BUILT_IN_TIMES: readonly (readonly [from: number, to: number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

/** The formats of a workbook, by the number that cells name. */
export async function cellFormats(chunks: AsyncIterable<string>): Promise<CellFormat[]> {
  const codes = new Map<number, string>();
  const formats: CellFormat[] = [];
  const document = new BoundedXml({
    begin(path, attributes) {
      const [element, parent] = path.toReversed();
      if (element === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (element === 'xf' && parent === 'cellXfs')
        formats.push(formatOf(Number(attributes['numFmtId'] ?? 0), codes));
    },
    text() {},
    end() {},
  });
  for await (const chunk of chunks) document.write(chunk);
  document.end();
  return formats;
}

function formatOf(id: number, codes: ReadonlyMap<number, string>): CellFormat {
  const code = codes.get(id);
  if (code === undefined)
    return { kind: BUILT_IN_TIMES.some(([from, to]) => id >= from && id <= to) ? 'time' : 'number' };
  if (/^0{2,}$/.test(code)) return { kind: 'digits', count: code.length };
  // Without texts, signs that stand for themselves, colours and languages; hours that go on beyond a day stay numbers of days.
  const bare = code.replaceAll(/"[^"]*"|[\\_*].|\[[^\]]*\]/g, '').split(';', 1)[0]!;
  return { kind: !/general/i.test(bare) && /[ymdhs]/i.test(bare) && !/\[[hms]+\]/i.test(code) ? 'time' : 'number' };
}

const DAY_MS = 86_400_000;
/** The 31st of December of 9999. */
const MAX_SERIAL = 2_958_466;

/**
 * A day by its number, with what is left of it as its time; a time alone where it has no day. Undefined where there is no such day.
 * Excel takes 1900 for a leap year: day 60 is none, and days before it are counted from another one.
 */
export function isoOfSerial(serial: number, is1904: boolean): TypedTime | undefined {
  if (serial < 0 || serial >= MAX_SERIAL) return undefined;
  const ms = Math.round(serial * DAY_MS);
  if (serial < 1 && !is1904) return new TypedTime(timeOf(ms));
  const first = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, serial < 60 ? 31 : 30);
  const [day, time] = new Date(first + ms).toISOString().split('T') as [string, string];
  return new TypedTime(ms % DAY_MS === 0 ? day : `${day}T${time.replace(/(\.000)?Z$/, '')}`);
}

function timeOf(ms: number): string {
  return new Date(ms)
    .toISOString()
    .slice(11, -1)
    .replace(/\.000$/, '');
}
