import { colors } from '../gateway/cli/colors.ts';
import type { Result } from './compare.ts';
import type { Spread } from './statistics.ts';
import type { Workload } from './workloads/workload.ts';

/** The versions of what was compared, beside the rows. */
export type Versions = Readonly<Record<string, string>>;

const COLUMNS = [
  '',
  'CPU ms/request',
  'times switchyard',
  'rival ÷ it',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'peak MiB',
  'subgraph req.',
];

/** A workload's results as lines of text: a table and the ratio everyone asks for. Colours only on a terminal. */
export function printTable(workload: Workload, results: readonly Result[]): string {
  const [first, rival] = results;
  const header = COLUMNS.with(2, `÷ ${first?.row.name}`).with(3, `${rival?.row.name ?? 'rival'} ÷ it`);
  const cells = results.map(cellsOf);
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  const align = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd();
  const body = cells.map((row, place) => (place === 0 ? colors.green(align(row)) : align(row)));
  const title = `${colors.bold(workload.name)}  ${colors.dim(workload.title)}`;
  return [title, colors.dim(align(header)), ...body, ...headline(results)].join('\n');
}

function cellsOf({ row, timesFirst, rivalTimes }: Result): string[] {
  return [
    row.name,
    digits(row.cpuMsPerRequest),
    printSpread(timesFirst),
    rivalTimes ? printSpread(rivalTimes) : '',
    row.requestsPerSecond.toFixed(row.requestsPerSecond < 100 ? 1 : 0),
    digits(row.p50Ms),
    digits(row.p99Ms),
    row.peakMemoryMiB.toFixed(0),
    row.subgraphRequestsPerRequest.toFixed(1),
  ];
}

function headline([first, rival]: readonly Result[]): string[] {
  if (!first || !rival) return [];
  const { median, min, max } = rival.timesFirst;
  return [
    `${rival.row.name} takes ${colors.bold(`${digits(median)} times`)} the CPU of ${first.row.name} a request (${digits(min)} to ${digits(max)} over the rounds).`,
  ];
}

function printSpread({ median, min, max }: Spread): string {
  return min === max ? digits(median) : `${digits(median)} (${digits(min)}–${digits(max)})`;
}

/** A number with as many digits as can be trusted: about three. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0 || value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 0.1 ? 2 : 3);
}

/** A line that is written over while the bench runs; nothing where nobody watches. */
export function createProgress(stream: NodeJS.WriteStream): { show(doing: string): void; clear(): void } {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  const clear = (): void => void stream.write('\r\u001B[K');
  return {
    show(doing) {
      clear();
      stream.write(colors.dim(doing.slice(0, stream.columns - 1)));
    },
    clear,
  };
}
