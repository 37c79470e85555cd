import { execute, type ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Deadline } from './deadline.ts';
import { GatewayFault, refuse, refuseFault, type Refusal } from './errors.ts';
import { compilePlan, type CompiledPlan } from './execute/compile.ts';
import type { Fetcher } from './execute/fetcher.ts';
import { Recording } from './execute/recording.ts';
import { Programs } from './program/programs.ts';
import type { AnswerMessage, RequestMessage, RequestParameters } from './message.ts';
import { coerceVariables, prepareOperation, type PreparedOperation, type PrepareOptions } from './operation/prepare.ts';
import type { Planner } from './plan/planner.ts';
import { planOperation } from './plan/plan-operation.ts';
import { rootSelections } from './operation/collect-fields.ts';
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
   */
  handle(request: RequestMessage, deadline: Deadline): Promise<AnswerMessage>;
}

/** An operation that has been seen before: checked, and planned or being planned. */
interface KnownOperation {
  prepared: PreparedOperation;
  compiled: Promise<CompiledOperation>;
  /** What `compiled` resolves to, once it has: a request need not wait for what is there. */
  ready: CompiledOperation | undefined;
}

interface CompiledOperation {
  /** The quick way, for answers as they should be. */
  programs: Programs | undefined;
  /** The plain way, for everything. */
  runPlan: CompiledPlan;
  project: CompiledProjection;
}

/** How long an operation that could not be planned in time is refused without another try. */
const PLANNING_TIMEOUT_REMEMBERED_MS = 60_000;

/** Puts the stages together: one request from start to end. */
export function createGateway(parts: GatewayParts): Gateway {
  const operations = new LRUCache<string, KnownOperation>({ max: parts.maxOperations });
  return {
    async handle(request, deadline) {
      try {
        return await answer(parts, operations, request, deadline);
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
  deadline: Deadline,
): Promise<AnswerMessage> {
  const known = recall(parts, operations, parameters);
  if ('ok' in known) return fromRefusal(known);
  const { prepared } = known;
  if (prepared.isMutation && !mutationsAllowed)
    return fromRefusal(refuse('METHOD_NOT_ALLOWED', 'Send mutations by POST.'));
  const variables = coerceVariables(prepared, parts.supergraph.apiSchema, parameters.variables ?? {});
  if (!variables.ok) return fromRefusal(variables);
  const compiled = known.ready ?? (await inTime(known.compiled, deadline));
  const run = { variables: variables.values, deadline };
  const recording = new Recording(parts.fetcher);
  const dataText = await compiled.programs?.run({ ...run, fetcher: recording.record });
  if (dataText !== undefined) return { httpStatus: 200, dataText };
  const { data, errors } = await compiled.runPlan({ ...run, fetcher: recording.replay });
  Object.assign(data, introspect(parts.supergraph, prepared, parameters));
  const projected = compiled.project({ data, errors, variables: variables.values });
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
  const prepared = prepareOperation(parameters, parts.supergraph.apiSchema, parts.prepare);
  if (!prepared.ok) return prepared;
  const added: KnownOperation = { prepared, compiled: compileOperation(parts, prepared), ready: undefined };
  operations.set(key, added);
  const onCompiled = (compiled: CompiledOperation): void => {
    added.ready = compiled;
  };
  added.compiled.then(onCompiled, (error: unknown) => {
    if (operations.peek(key) !== added) return;
    const remembered = error instanceof GatewayFault && error.code === 'PLANNING_TIMEOUT';
    if (remembered) operations.set(key, added, { ttl: PLANNING_TIMEOUT_REMEMBERED_MS });
    else operations.delete(key);
  });
  return added;
}

async function compileOperation(
  { supergraph, planner, maskErrors, usePrograms = true }: GatewayParts,
  prepared: PreparedOperation,
): Promise<CompiledOperation> {
  const plan = await planOperation(planner, prepared, supergraph.apiSchema);
  const { apiSchema, fullSchema } = supergraph;
  const { operation, fragments, split, document } = prepared;
  const rootType = apiSchema.getRootType(operation.operation)!;
  const canBeQuick = usePrograms && !split.schema;
  return {
    programs: canBeQuick ? new Programs({ plan, operation, fragments, apiSchema, fullSchema }, document) : undefined,
    runPlan: compilePlan(plan, { schema: fullSchema, maskErrors }),
    project: compileProjection(rootType, rootSelections(operation.selectionSet), fragments, apiSchema),
  };
}

/** `__schema` and `__type` are answered by the schema itself. */
function introspect(
  { apiSchema }: ServedSupergraph,
  { split, name }: PreparedOperation,
  { variables }: RequestParameters,
): object {
  if (!split.schema) return {};
  const result = execute({
    schema: apiSchema,
    document: split.schema,
    operationName: name,
    variableValues: variables,
  }) as ExecutionResult;
  return result.data ?? {};
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
