import { readFile } from 'node:fs/promises';
import { prettyFormatQueryPlan, type QueryPlan } from '@apollo/query-planner';
import { colors } from './colors.ts';
import { ConfigError, resolveConfig } from '../config.ts';
import type { Refusal } from '../errors.ts';
import { GatewayFault } from '../errors.ts';
import { coerceVariables, prepareOperation, type PreparedOperation } from '../operation/prepare.ts';
import { planOperation } from '../plan/plan-operation.ts';
import { startPlanner } from '../plan/planner.ts';
import { compileProgram, type Program } from '../program/compile-program.ts';
import { NotCompilable } from '../program/not-compilable.ts';
import { loadSupergraph, SupergraphError, type ServedSupergraph } from '../supergraph/load.ts';
import type { Terminal } from './terminal.ts';

export interface ExplainOptions {
  supergraph: string;
  operationName?: string;
  variables?: string;
  code?: boolean;
  json?: boolean;
}

/** What there is to know of an operation before it runs. */
interface Explanation {
  name: string | undefined;
  fingerprint: string;
  plan: QueryPlan;
  fetches: { service: string; path: string; sharesWith: number | undefined; query: string }[];
  /** The generated program, or why there is none and the operation is run the plain way. */
  program: { source: string } | { runsPlainBecause: string };
}

/** `switchyard explain`: exit code 0 when the operation can be run, 1 when not. */
export async function runExplain(file: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  try {
    const supergraph = loadSupergraph(await readFile(options.supergraph, 'utf8'));
    const explanation = await explain(await readFile(file, 'utf8'), supergraph, options);
    if ('ok' in explanation) throw new ConfigError(explanation.errors.map(({ message }) => message).join('\n'));
    terminal.print(options.json ? JSON.stringify(explanation) : describe(explanation, options.code ?? false));
    terminal.exit(0);
  } catch (error) {
    const isKnown = error instanceof ConfigError || error instanceof SupergraphError || error instanceof GatewayFault;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isKnown && !isMissing) throw error;
    terminal.printError((error as Error).message);
    terminal.exit(1);
  }
}

async function explain(
  query: string,
  supergraph: ServedSupergraph,
  { operationName, variables = '{}' }: ExplainOptions,
): Promise<Explanation | Refusal> {
  const { limits, planner: plannerOptions } = resolveConfig({}, {});
  const prepared = prepareOperation({ query, operationName }, supergraph, { limits, introspection: true });
  if (!prepared.ok) return prepared;
  const coerced = coerceVariables(prepared, supergraph.apiSchema, JSON.parse(variables) as Record<string, unknown>);
  if (!coerced.ok) return coerced;
  const planner = startPlanner(supergraph.sdl, plannerOptions);
  try {
    const plan = await planOperation({ planner, apiSchema: supergraph.apiSchema }, prepared, coerced.values);
    const program = tryProgram(plan, prepared, supergraph, coerced.values);
    return {
      name: prepared.name,
      fingerprint: prepared.fingerprint,
      plan,
      fetches: 'source' in program ? fetchesOf(program) : [],
      program: 'source' in program ? { source: program.source } : { runsPlainBecause: program.reason },
    };
  } finally {
    await planner.close();
  }
}

function tryProgram(
  plan: QueryPlan,
  { operation, fragments, dataKeys }: PreparedOperation,
  { apiSchema, fullSchema }: ServedSupergraph,
  variables: Record<string, unknown>,
): Program | { reason: string } {
  try {
    return compileProgram({ plan, operation, fragments, dataKeys, apiSchema, fullSchema, variables });
  } catch (error) {
    if (error instanceof NotCompilable) return { reason: error.message };
    throw error;
  }
}

function fetchesOf({ fetches }: Program): Explanation['fetches'] {
  return fetches.map(({ id, group, node, path }) => ({
    service: node.serviceName,
    path: path.join('.') || '(root)',
    sharesWith: group === id ? undefined : group,
    query: node.operation,
  }));
}

function describe({ name, fingerprint, plan, fetches, program }: Explanation, withCode: boolean): string {
  const heading = (text: string): string => `\n${colors.bold(text)}`;
  const lines = [
    `${colors.bold(name ?? '(unnamed)')}  ${colors.dim(fingerprint)}`,
    heading('Plan'),
    prettyFormatQueryPlan(plan),
  ];
  if ('runsPlainBecause' in program)
    return [...lines, heading('Program'), `none: ${program.runsPlainBecause}; it is run the plain way`].join('\n');
  lines.push(heading('Fetches'));
  for (const [id, { service, path, sharesWith, query }] of fetches.entries()) {
    const shared = sharesWith === undefined ? '' : colors.dim(`  shares results with ${sharesWith}`);
    lines.push(`${String(id).padStart(3)}  ${colors.cyan(service)}  ${path}${shared}`, `     ${colors.dim(query)}`);
  }
  lines.push(heading('Program'), `${program.source.split('\n').length} lines${withCode ? '' : '; --code prints them'}`);
  return [...lines, ...(withCode ? [program.source] : [])].join('\n');
}
