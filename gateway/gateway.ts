import type { QueryPlan } from '@apollo/query-planner';
import { LRUCache } from 'lru-cache';
import type { Deadline } from './deadline.ts';
import { GatewayFault, refuse, refuseFault, type Refusal } from './errors.ts';
import { compilePlan, type CompiledPlan } from './execute/compile.ts';
import type { ExecutionInput } from './execute/execution.ts';
import type { Fetcher } from './execute/fetcher.ts';
import { Recording } from './execute/recording.ts';
import { ProgramRunner } from './program/program-runner.ts';
import type { AnswerMessage, RequestMessage, RequestParameters } from './message.ts';
import { coerceVariables, prepareOperation, type PreparedOperation, type PrepareOptions } from './operation/prepare.ts';
import type { Planner } from './plan/planner.ts';
import { planOperation } from './plan/plan-operation.ts';
import { collectFields } from './operation/collect-fields.ts';
import { conditionKey } from './operation/conditions.ts';
import { compileProjection, type CompiledProjection } from './project/compile.ts';
import type { ServedSupergraph } from './supergraph/load.ts';

/** The parts a gateway is put together from. */
export interface GatewayParts {
  supergraph: ServedSupergraph;
  planner: Planner;
  fetcher: Fetcher;
  prepare: PrepareOptions;
  /** Operations kept ready to run. */
  maxOperations: number;
  /** Whether departments' error messages are replaced by the catalogue's text. */
  maskErrors: boolean;
  /** Whether operations are compiled to programs; without them every request is run the plain way. Default: true. */
  usePrograms?: boolean;
  /** Told of every fault that a client is told of only in general. */
  onFault(error: unknown): void;
}

/** Answers requests; knows nothing of HTTP. */
export interface Gateway {
  /**
   * Answers one request; never throws.
   * @param deadline what is not there when it ends is null with an error
   * @param fetcher asks departments on behalf of this request alone. Default: the gateway's
   * @param onReady told what will be run, just before it runs; not where the request is refused. Default: nobody
   */
  handle(request: RequestMessage, deadline: Deadline, fetcher?: Fetcher, onReady?: OnReady): Promise<AnswerMessage>;
}

/** What a request amounts to once it is planned. */
export interface ReadyRequest {
  prepared: PreparedOperation;
  /** After coercion. */
  variables: Readonly<Record<string, unknown>>;
  plan: QueryPlan;
  /** Whether there is a program for it. */
  hasProgram: boolean;
}

/** Watches a request from outside. */
export type OnReady = (ready: ReadyRequest) => void;

/** An operation that has been seen before: checked, and planned or being planned for each way its conditions went. */
interface KnownOperation {
  prepared: PreparedOperation;
  variants: LRUCache<string, OperationVariant>;
}

/** An operation for one way its `@skip` and `@include` go. */
interface OperationVariant {
  compiled: Promise<CompiledOperation>;
  /** What `compiled` resolves to, once it has: a request need not wait for what is there. */
  ready: CompiledOperation | undefined;
}

interface CompiledOperation {
  plan: QueryPlan;
  /** The quick way, for answers as they should be; absent where there is only the plain one. */
  program: ProgramRunner | undefined;
  /** The plain way, for everything. */
  runPlan: CompiledPlan;
  project: CompiledProjection;
}

/** Ways of `@skip` and `@include` that are kept for one operation. */
const MAX_VARIANTS = 32;

/** How long an operation that could not be planned in time is refused without another try. */
const PLANNING_TIMEOUT_REMEMBERED_MS = 60_000;

/** Puts the stages together: one request from start to end. */
export function createGateway(parts: GatewayParts): Gateway {
  const operations = new LRUCache<string, KnownOperation>({ max: parts.maxOperations });
  return {
    async handle(request, deadline, fetcher = parts.fetcher, onReady) {
      try {
        return await answer(parts, operations, request, { deadline, fetcher, onReady });
      } catch (error) {
        parts.onFault(error);
        return fromRefusal(refuseFault(error));
      }
    },
  };
}

async function answer(
  parts: GatewayParts,
  operations: LRUCache<string, KnownOperation>,
  { parameters, mutationsAllowed }: RequestMessage,
  { deadline, fetcher, onReady }: Pick<ExecutionInput, 'deadline' | 'fetcher'> & { onReady: OnReady | undefined },
): Promise<AnswerMessage> {
  const known = recall(parts, operations, parameters);
  if ('ok' in known) return fromRefusal(known);
  const { prepared } = known;
  if (prepared.isMutation && !mutationsAllowed)
    return fromRefusal(refuse('METHOD_NOT_ALLOWED', 'Send mutations by POST.'));
  const variables = coerceVariables(prepared, parts.supergraph.apiSchema, parameters.variables ?? {});
  if (!variables.ok) return fromRefusal(variables);
  const variant = selectVariant(parts, known, variables.values);
  const { plan, program, runPlan, project } = variant.ready ?? (await inTime(variant.compiled, deadline));
  onReady?.({ prepared, variables: variables.values, plan, hasProgram: program !== undefined });
  const run = { variables: variables.values, deadline };
  const recording = new Recording(fetcher);
  const dataText = await program?.run({ ...run, fetcher: recording.record });
  if (dataText !== undefined) return { httpStatus: 200, dataText };
  const { data, errors } = await runPlan({ ...run, fetcher: recording.replay });
  const projected = project({ data, errors, variables: parameters.variables });
  return {
    httpStatus: 200,
    data: projected.data,
    ...(projected.errors.length > 0 ? { errors: projected.errors } : {}),
  };
}

/** What is known of an operation; on first sight it is checked, and its planning begins. */
function recall(
  parts: GatewayParts,
  operations: LRUCache<string, KnownOperation>,
  parameters: RequestParameters,
): KnownOperation | Refusal {
  const key = `${parameters.operationName ?? ''}\0${parameters.query}`;
  const known = operations.get(key);
  if (known) return known;
  const prepared = prepareOperation(parameters, parts.supergraph, parts.prepare);
  if (!prepared.ok) return prepared;
  const added: KnownOperation = { prepared, variants: new LRUCache({ max: MAX_VARIANTS }) };
  operations.set(key, added);
  return added;
}

/** The operation for these variables; on first sight its planning begins. */
function selectVariant(
  parts: GatewayParts,
  { prepared, variants }: KnownOperation,
  variables: Readonly<Record<string, unknown>>,
): OperationVariant {
  const key = conditionKey(prepared.conditionVariables, variables);
  const known = variants.get(key);
  if (known) return known;
  const added: OperationVariant = { compiled: compileOperation(parts, prepared, variables), ready: undefined };
  variants.set(key, added);
  const onCompiled = (compiled: CompiledOperation): void => {
    added.ready = compiled;
  };
  added.compiled.then(onCompiled, (error: unknown) => {
    if (variants.peek(key) !== added) return;
    const remembered = error instanceof GatewayFault && error.code === 'PLANNING_TIMEOUT';
    if (remembered) variants.set(key, added, { ttl: PLANNING_TIMEOUT_REMEMBERED_MS });
    else variants.delete(key);
  });
  return added;
}

/** @throws GatewayFault PLANNING_FAILED where the plan leaves out what is asked, and as the planner */
async function compileOperation(
  { supergraph, planner, maskErrors, usePrograms = true }: GatewayParts,
  prepared: PreparedOperation,
  variables: Readonly<Record<string, unknown>>,
): Promise<CompiledOperation> {
  const { apiSchema, fullSchema } = supergraph;
  const { operation, fragments, dataKeys } = prepared;
  const rootType = apiSchema.getRootType(operation.operation)!;
  const context = { schema: apiSchema, fragments, variables, dataKeys };
  const plan = await planOperation({ planner, apiSchema }, prepared, variables);
  const asksDepartments = collectFields(rootType, [operation.selectionSet], context).some(
    ({ node }) => !node.name.value.startsWith('__'),
  );
  if (!plan.node && asksDepartments)
    throw new GatewayFault(
      'PLANNING_FAILED',
      'The planner gave an empty plan for an operation that selects something.',
    );
  const canBeQuick = usePrograms && plan.node;
  return {
    plan,
    program: canBeQuick
      ? ProgramRunner.compile({ plan, operation, fragments, dataKeys, apiSchema, fullSchema, variables })
      : undefined,
    runPlan: compilePlan(plan, { schema: fullSchema, maskErrors }),
    project: compileProjection(operation, context),
  };
}

function inTime<Value>(promise: Promise<Value>, deadline: Deadline): Promise<Value> {
  return new Promise((resolve, reject) => {
    const forget = deadline.onEnd(() =>
      reject(new GatewayFault('REQUEST_TIMEOUT', 'The operation was still being planned.')),
    );
    void promise.then(resolve, reject).finally(forget);
  });
}

function fromRefusal({ httpStatus, errors }: Refusal): AnswerMessage {
  return { httpStatus, errors };
}
