import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { request } from 'undici';
import type { DemoCallerName } from './demo-callers.ts';
import type { CallerHeaders } from './demo-issuer.ts';
import type { AnswerRow, NetworkEvent } from './events.ts';
import type { Network } from './network.ts';
import { projectRoot } from './settings.ts';

/** The operation shown first: the first of these the project has. */
const FIRST_OPERATIONS = ['schema/operations/enterprise-360.graphql', 'schema/operations/place-360.graphql'];

/** Who asks it: nobody in particular would see public facts alone. */
const FIRST_CALLER: DemoCallerName = 'tax-inspector';

const ANSWER_WITHIN_MS = 10_000;
const ROWS = 24;
const VALUE_LENGTH = 72;

interface GraphQLAnswer {
  data?: unknown;
  errors?: { message: string; path?: (string | number)[] }[];
}

/** Asks the gateway the ready-made question; undefined where the project has none. */
export async function askFirst(
  { gatewayUrl, headers }: Pick<Network, 'gatewayUrl' | 'headers'>,
  dataFolder: string,
): Promise<Extract<NetworkEvent, { event: 'answer' }> | undefined> {
  const operation = FIRST_OPERATIONS.find((file) => existsSync(join(projectRoot, file)));
  if (operation === undefined) return undefined;
  const startedMs = performance.now();
  const query = readFileSync(join(projectRoot, operation), 'utf8');
  const answer = await ask(gatewayUrl, query, headers[FIRST_CALLER]);
  const file = join(dataFolder, 'callers', `${FIRST_CALLER}.headers`);
  const near = relative(process.cwd(), file);
  const asWhom = near.startsWith('..') ? file : near;
  return {
    event: 'answer',
    operation,
    command: `curl -sG ${gatewayUrl} -H @${asWhom} --data-urlencode query@${operation}`,
    tookMs: performance.now() - startedMs,
    rows: toRows(answer.data),
    problems: (answer.errors ?? []).map(({ message, path }) => (path ? `${path.join('.')}: ${message}` : message)),
  };
}

async function ask(gatewayUrl: string, query: string, headers: CallerHeaders): Promise<GraphQLAnswer> {
  try {
    const { body } = await request(gatewayUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return (await body.json()) as GraphQLAnswer;
  } catch (error) {
    return { errors: [{ message: `the gateway did not answer: ${(error as Error).message}` }] };
  }
}

/**
 * An answer as a small table: a row a value, named by its path below the root field. A list is a row: how many items
 * it has, and the first of them.
 */
export function toRows(data: unknown): AnswerRow[] {
  const rows = [...walk(withoutRoot(data), [])];
  const left = rows.length - ROWS;
  return left <= 0 ? rows : [...rows.slice(0, ROWS), { field: '...', value: `${left} more` }];
}

function* walk(value: unknown, path: readonly string[]): Generator<AnswerRow> {
  if (isObject(value)) {
    for (const [name, child] of Object.entries(value)) {
      if (name !== '__typename') yield* walk(child, [...path, name]);
    }
  } else yield { field: path.join('.'), value: shorten(toText(value)) };
}

function toText(value: unknown): string {
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    if (value.length === 0) return 'none';
    return value.every((item) => !isObject(item)) ? value.map(toText).join(', ') : `${value.length} × ${toText(first)}`;
  }
  if (isObject(value)) {
    const fields = Object.entries(value).filter(([name]) => name !== '__typename');
    return fields.map(([name, child]) => `${name} ${toText(child)}`).join(', ');
  }
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function withoutRoot(data: unknown): unknown {
  if (!isObject(data)) return {};
  const fields = Object.values(data);
  return fields.length === 1 && isObject(fields[0]) ? fields[0] : data;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shorten(text: string): string {
  return text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH - 1)}…`;
}
