import { readFile } from 'node:fs/promises';
import { NOBODY } from '../caller.ts';
import { ConfigError, resolveConfig, type Config } from '../config/config.ts';
import { Deadline } from '../deadline.ts';
import { GatewayFault, type AnswerError, type Refusal } from '../errors.ts';
import { explainPlan, type PlanExplanation } from '../explain/explain-plan.ts';
import { runExplained, type RunExplanation } from '../explain/explain-run.ts';
import { Departments } from '../fetch/departments.ts';
import { createHttpFetcher } from '../fetch/http-fetcher.ts';
import { transportsOf } from '../fetch/transports.ts';
import { createGateway } from '../gateway.ts';
import { toPlainAnswer, type RequestParameters } from '../message.ts';
import { prepareOperation } from '../operation/prepare.ts';
import { FULL_ACCESS } from '../operation/field-access.ts';
import { planOperation } from '../plan/plan-operation.ts';
import { startPlanner, type Planner } from '../plan/planner.ts';
import { loadSupergraph, SupergraphError, type ServedSupergraph } from '../supergraph/load.ts';
import { describePlan, describeRun } from './explain-text.ts';
import type { Terminal } from './terminal.ts';

export interface ExplainOptions {
  supergraph: string;
  operationName?: string;
  variables?: string;
  code?: boolean;
  run?: boolean;
  /** `name=url` each. */
  subgraphUrl?: readonly string[];
  json?: boolean;
}

/** An explanation of a plan, and of its run where it was run. */
type Explanation = PlanExplanation & { run?: RunExplanation & { errors: AnswerError[] } };

/** `switchyard explain`: exit code 0 when the operation can be run, 1 when not. */
export async function runExplain(file: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  try {
    const config = resolveConfig({}, terminal.env);
    const supergraph = loadSupergraph(await readFile(options.supergraph, 'utf8'));
    const parameters = readParameters(await readFile(file, 'utf8'), options);
    const subgraphs = withSubgraphUrls(config, supergraph, options.subgraphUrl ?? []);
    const planner = startPlanner(supergraph.sdl, config.planner);
    const context = { config: { ...config, subgraphs }, supergraph, planner };
    try {
      const explanation = await (options.run ? explainRun : explainOnly)(parameters, context);
      if ('ok' in explanation) throw new ConfigError(explanation.errors.map(({ message }) => message).join('\n'));
      terminal.print(options.json ? JSON.stringify(explanation) : describe(explanation, options));
    } finally {
      await planner.close();
    }
    terminal.exit(0);
  } catch (error) {
    const isKnown = error instanceof ConfigError || error instanceof SupergraphError || error instanceof GatewayFault;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isKnown && !isMissing) throw error;
    terminal.printError((error as Error).message);
    terminal.exit(1);
  }
}

function describe(explanation: Explanation, { code = false }: ExplainOptions): string {
  const { run } = explanation;
  return [describePlan(explanation, code), ...(run ? [describeRun(explanation, run)] : [])].join('\n');
}

/** The request that an operation's text and the options of a command make. @throws ConfigError where the variables are no object */
export function readParameters(
  query: string,
  { operationName, variables = '{}' }: Pick<ExplainOptions, 'operationName' | 'variables'>,
): RequestParameters {
  let values: unknown;
  try {
    values = JSON.parse(variables);
  } catch (error) {
    throw new ConfigError(`--variables is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new ConfigError('--variables must be a JSON object.');
  return { query, operationName, variables: values as Record<string, unknown> };
}

/** Settings of the subgraphs, with the URLs of the command line. */
function withSubgraphUrls(
  { subgraphs }: Config,
  { routingUrls }: ServedSupergraph,
  pairs: readonly string[],
): Config['subgraphs'] {
  const changed = { ...subgraphs };
  for (const pair of pairs) {
    const [name = '', ...rest] = pair.split('=');
    if (rest.length === 0) throw new ConfigError(`--subgraph-url takes name=url, not "${pair}".`);
    if (!routingUrls.has(name))
      throw new ConfigError(
        `There is no subgraph "${name}"; the supergraph has ${[...routingUrls.keys()].join(', ')}.`,
      );
    changed[name] = { ...changed[name], routingUrl: rest.join('=') };
  }
  return changed;
}

interface ExplainContext {
  config: Config;
  supergraph: ServedSupergraph;
  planner: Planner;
}

async function explainOnly(
  parameters: RequestParameters,
  { config: { limits }, supergraph, planner }: ExplainContext,
): Promise<Explanation | Refusal> {
  const prepared = prepareOperation(parameters, supergraph, { limits, introspection: true });
  if (!prepared.ok) return prepared;
  const coerced = prepared.coerceVariables(parameters.variables ?? {});
  if (!coerced.ok) return coerced;
  const variables = coerced.values;
  const plan = await planOperation(
    { planner, apiSchema: supergraph.apiSchema, access: FULL_ACCESS, guarded: [] },
    prepared,
    variables,
  );
  return explainPlan({ prepared, plan, supergraph, variables });
}

async function explainRun(
  parameters: RequestParameters,
  { config, supergraph, planner }: ExplainContext,
): Promise<Explanation | Refusal> {
  const http = createHttpFetcher(transportsOf(supergraph.routingUrls, config), new Departments(config));
  const faults: unknown[] = [];
  const gateway = createGateway({
    supergraph,
    planner,
    fetcher: http.fetch,
    prepare: { limits: config.limits, introspection: true },
    maxOperations: 1,
    maskErrors: false,
    onFault: (fault) => faults.push(fault),
  });
  const parts = { gateway, supergraph, fetch: http.fetch };
  const deadline = new Deadline(config.http.requestTimeoutMs);
  try {
    const { answer, explain } = await runExplained(
      parts,
      { parameters, caller: NOBODY, mutationsAllowed: true },
      deadline,
    );
    // A fault below GraphQL is told to clients in general; here is who runs the gateway.
    for (const fault of faults) throw fault;
    const { httpStatus, errors = [] } = toPlainAnswer(answer);
    const explanation = await explain();
    if (!explanation) return { ok: false, httpStatus, errors };
    const { answeredBy, because, timings, sharing, answerBytes, ...plan } = explanation;
    const way = { answeredBy, ...(because === undefined ? {} : { because }) };
    return { ...plan, run: { ...way, timings, sharing, answerBytes, errors } };
  } finally {
    deadline.clear();
    await http.close();
  }
}
