import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LineCounter, parseDocument, type Node } from 'yaml';
import { ConfigError } from '../config/config.ts';
import { definitionSchema } from '../dispatch/definition.ts';

/** A dispatch as the graph takes it. */
export type DispatchInput = Record<string, unknown>;

/**
 * Reads a dispatch of a YAML file; `operationFile` is one beside it, instead of `operation`.
 *
 * @throws ConfigError that names file, line and column, and what is wrong there
 */
export async function readDispatchFile(file: string): Promise<DispatchInput> {
  const lines = new LineCounter();
  const document = parseDocument(await readText(file), { lineCounter: lines });
  const [fault] = document.errors;
  if (fault) throw new ConfigError(`${placeOf(file, fault.linePos?.[0])}: this is no YAML: ${fault.message}`);
  const value = await withOperation(document.toJS({ maxAliasCount: 100 }), file);
  const parsed = definitionSchema.safeParse(value);
  if (!parsed.success) {
    const told = parsed.error.issues.map((issue) => {
      const where = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
      return `${placeOf(file, startOf(document, where, lines))}: ${where.join('.') || 'the file'}: ${issue.message}`;
    });
    throw new ConfigError(told.join('\n'));
  }
  return inputOf(value as Record<string, unknown>);
}

/** As GraphQL has no type for any JSON, for maps and for large numbers. */
function inputOf({ variables, columns, trigger, ...rest }: Record<string, unknown>): DispatchInput {
  const { everyMs, ...triggered } = (trigger ?? {}) as Record<string, unknown>;
  return {
    ...rest,
    ...(variables === undefined ? {} : { variables: JSON.stringify(variables) }),
    ...(columns === undefined
      ? {}
      : { columns: Object.entries(columns as Record<string, string>).map(([name, at]) => ({ name, path: at })) }),
    ...(trigger === undefined
      ? {}
      : { trigger: { ...triggered, ...(everyMs === undefined ? {} : { everyMs: JSON.stringify(everyMs) }) } }),
  };
}

async function withOperation(value: unknown, file: string): Promise<unknown> {
  if (typeof value !== 'object' || value === null || !('operationFile' in value)) return value;
  const { operationFile, ...rest } = value as Record<string, unknown>;
  const operation = await readText(path.resolve(path.dirname(file), String(operationFile)));
  return { ...rest, operation };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Where something stands, or what it would stand in. */
function startOf(
  document: ReturnType<typeof parseDocument>,
  at: readonly PropertyKey[],
  lines: LineCounter,
): { line: number; col: number } | undefined {
  for (let length = at.length; length >= 0; length -= 1) {
    const node = document.getIn(at.slice(0, length), true) as Node | undefined;
    if (node?.range) return lines.linePos(node.range[0]);
  }
  return undefined;
}

function placeOf(file: string, position: { line: number; col: number } | undefined): string {
  return position ? `${file}:${position.line}:${position.col}` : file;
}
