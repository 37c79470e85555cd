import type { DraftType } from '../../subgraphs/kit/wrap/draft.ts';
import { plainLine } from '../../subgraphs/kit/plain-line.ts';
import type { Wrapped } from '../../subgraphs/kit/wrap/wrap.ts';
import { colors } from './colors.ts';
import { nearPath } from './near-path.ts';
import { table } from './table.ts';

/** Fields that are named; of the others there is the file. */
const SHOWN_FIELDS = 8;
const SHOWN_LEFT_OUT = 20;

/** What was found and written, for a person. @param graph the file that the graph is known from */
export function wrapText(wrapped: Wrapped, graph: string | undefined): string {
  const { draft, survey, files, fault } = wrapped;
  const parts = [
    table(
      [
        ['type', 'from', 'rows', 'key', 'fields'].map((name) => colors.bold(name)),
        ...draft.types.map((type) => rowOf(type, wrapped)),
      ],
      new Set([2]),
    ),
    ...section(
      'leads to',
      draft.entities.map(({ name, key, fields }) => {
        const lists = fields.map((field) => field.name).join(', ');
        return `${name} by ${key}, ${lists === '' ? 'and nothing leads back: the system has no question for that' : `which gets ${lists}`}`;
      }),
    ),
    ...section('left out', shortened(survey.leftOut)),
    ...section(
      'rows that are put aside',
      wrapped.aside.map(({ file, rows, fault: why }) => `${file}: ${why ?? rows}`),
    ),
    questionsText(wrapped),
    [
      `Written: ${nearPath(files.manifest)}, ${nearPath(files.schema)}`,
      ...(graph === undefined ? [] : [`Names of the graph are from ${graph}.`]),
    ],
    fault === undefined ? nextText(wrapped) : [`${colors.red('It does not start as it is:')} ${fault}`],
  ];
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}

function rowOf({ name, from, keys, fields }: DraftType, { survey }: Wrapped): string[] {
  const { rows, rowsSeen } = survey.collections.find((collection) => collection.from === from)!;
  const own = fields.map((field) => field.name);
  const shown = own.slice(0, SHOWN_FIELDS).join(', ');
  const count = rows === undefined ? (rowsSeen > 0 ? `more than ${rowsSeen}` : '-') : rows.toLocaleString('en');
  return [
    colors.cyan(name),
    plainLine(from),
    count,
    keys[0]?.join(' + ') ?? 'none',
    own.length > SHOWN_FIELDS ? `${shown}, and ${own.length - SHOWN_FIELDS} more` : shown,
  ];
}

function section(title: string, lines: readonly string[]): string[][] {
  return lines.length === 0 ? [] : [[colors.bold(title), ...lines.map((line) => `  ${line}`)]];
}

function shortened(lines: readonly string[]): string[] {
  if (lines.length <= SHOWN_LEFT_OUT) return [...lines];
  return [...lines.slice(0, SHOWN_LEFT_OUT), `and ${lines.length - SHOWN_LEFT_OUT} more`];
}

function questionsText({ questions }: Wrapped): string[] {
  return [
    colors.bold('questions that only you can answer, each a comment at its place'),
    ...questions.flatMap(({ file, line, text }) => [`  ${colors.cyan(`${nearPath(file)}:${line}`)}`, `    ${text}`]),
  ];
}

function nextText({ needs, folder, draft }: Wrapped): string[] {
  const where = nearPath(folder) || '.';
  return [
    ...(needs === undefined
      ? []
      : [`It reads the address from the environment: export ${needs}='…' (what you gave here is in no file)`]),
    `${colors.bold('next')}: npx switchyard dev ${where}   (${draft.department} in the graph)`,
  ];
}
