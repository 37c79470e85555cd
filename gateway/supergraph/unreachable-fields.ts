import type { CompositionProblem, SubgraphSource } from './composition.ts';
import { defines, placeOfCoordinate, uniquePlaces } from './places.ts';

/** Why a field cannot be reached from a department, and what to do about it. */
type Reason = readonly [words: string, advice: string];

/** A field that clients could ask for, and nobody could be asked for. */
interface Unreachable {
  readonly type: string;
  readonly field: string;
  readonly from: string;
  readonly reasons: readonly Reason[];
}

const NAME = '"([^"]+)"';
/** What Apollo says of a way that does not lead on, from one department; see `displayReasons` of its `validate.ts`. */
const WAYS: readonly (readonly [RegExp, (match: readonly string[], from: string) => Reason])[] = [
  [
    new RegExp(`^cannot move to subgraph ${NAME}.* because type ${NAME} has no @key defined in subgraph`),
    ([to, type], from) => [
      `${type} has no @key in ${to}`,
      `Give ${type} in ${to} a @key of fields that ${from} gives of it too, such as @key(fields: "id").`,
    ],
  ],
  [
    new RegExp(`^cannot move to subgraph ${NAME} using @key\\(fields: ${NAME}\\) of ${NAME}`),
    ([to, fields, type], from) => [
      `${to} is asked by "${fields}" of ${type}, which ${from} does not give`,
      `Have ${from} give "${fields}" of ${type}, or give ${type} in ${to} a @key of what ${from} has of it.`,
    ],
  ],
  [
    new RegExp(`^cannot move to subgraph ${NAME}.* because none of the @key defined on type ${NAME}`),
    ([to, type]) => [
      `no @key of ${type} in ${to} is resolvable`,
      `Make one of them resolvable in ${to} (take out "resolvable: false"), so that ${to} can be asked.`,
    ],
  ],
  [
    new RegExp(`^cannot satisfy @require conditions on field ${NAME}`),
    ([field], from) => [
      `what ${field} requires cannot be had for ${from}`,
      `Give the type of what it requires a @key that ${from} has, in the department that gives it.`,
    ],
  ],
];

/**
 * What Apollo's proof that everything can be reached says, in fewer words: one problem for all fields that cannot be reached for the same reasons.
 * What cannot be read stays as it is.
 */
export function explainUnreachable(
  problems: readonly CompositionProblem[],
  sources: readonly SubgraphSource[],
): CompositionProblem[] {
  const read = problems.map((problem) => ({
    problem,
    found: isOne(problem) ? readMessage(problem.message) : undefined,
  }));
  const groups = Map.groupBy(
    read.flatMap(({ found }) => found ?? []),
    ({ from, reasons }) => [from, ...reasons.flat()].join('\0'),
  );
  const others = read.flatMap(({ problem, found }) => (found ? [] : [problem]));
  return [...others, ...[...groups.values()].map((group) => problemOf(group, sources))];
}

function isOne({ code }: CompositionProblem): boolean {
  return code === 'SATISFIABILITY_ERROR';
}

/** @returns undefined where a part of it is of a kind that is not known here */
function readMessage(message: string): Unreachable[] | undefined {
  const [, ...blocks] = message.split(/^- from subgraph /m);
  const found = blocks.flatMap((block): (Unreachable | undefined)[] => {
    const [first = '', ...lines] = block.split('\n').map((line) => line.trim().replace(/^- /, ''));
    const [, from] = /^"([^"]+)":$/.exec(first) ?? [];
    const [, type, field] =
      /cannot find field "(\w+)\.(\w+)"/.exec(block) ?? /on field "(\w+)\.(\w+)"/.exec(block) ?? [];
    const ways = lines.filter((line) => line !== '' && !line.startsWith('cannot find field'));
    const reasons = ways.map((line) => readWay(line, from ?? ''));
    if (!from || !type || !field || reasons.includes(undefined)) return [undefined];
    return [{ type, field, from, reasons: reasons as Reason[] }];
  });
  return found.length === 0 || found.includes(undefined) ? undefined : (found as Unreachable[]);
}

function readWay(line: string, from: string): Reason | undefined {
  for (const [pattern, explain] of WAYS) {
    const match = pattern.exec(line);
    if (match) return explain(match.slice(1), from);
  }
  return undefined;
}

/** Fields that are named of a problem. */
const MAX_NAMED = 5;

function problemOf(group: readonly Unreachable[], sources: readonly SubgraphSource[]): CompositionProblem {
  const { from, reasons, type } = group[0]!;
  const fields = [...new Map(group.map((each) => [`${each.type}.${each.field}`, each])).values()];
  const named = fields.slice(0, MAX_NAMED).map((each) => `${each.type}.${each.field}`);
  const more = fields.length > MAX_NAMED ? ` and ${fields.length - MAX_NAMED} more` : '';
  const why = reasons.length > 0 ? [...new Set(reasons.map(([words]) => words))].join('; ') : 'no department gives it';
  const advice = reasons.map(([, each]) => each);
  return {
    code: 'SATISFIABILITY_ERROR',
    message: `Clients that come to ${type} by ${from} could ask for ${named.join(', ')}${more}, and nobody could be asked for it: ${why}.`,
    places: uniquePlaces([
      ...fields
        .slice(0, MAX_NAMED)
        .flatMap((each) =>
          sources.flatMap((source) =>
            defines(source, each.type, each.field) ? placeOfCoordinate(source, each.type, each.field) : [],
          ),
        ),
      ...sources.filter(({ name }) => name === from).flatMap((source) => placeOfCoordinate(source, type)),
    ]),
    advice: [...new Set(advice)].join(' Or: ') || `Give the field in ${from}, or hide it with @inaccessible.`,
  };
}
