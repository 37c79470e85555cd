import { randomUUID } from 'node:crypto';
import type { QueryPlan } from '@apollo/query-planner';
import type { RequestRecord } from './audit/request-record.ts';
import { Authoriser } from './authorise/authoriser.ts';
import { maskedFields } from './authorise/restrictions.ts';
import type { Caller } from './caller.ts';
import type { Deadline } from './deadline.ts';
import { GatewayFault, refuse, refuseFault, type Refusal } from './errors.ts';
import type { ExecutionInput } from './execute/execution.ts';
import { askingFor, type Fetcher } from './execute/fetcher.ts';
import { Recording } from './execute/recording.ts';
import { withGrants } from './granted-caller.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { KnownOperations, type CompiledOperation, type UsedOperation } from './known-operations.ts';
import { ObservedRequest } from './observe/observed-request.ts';
import type { AnswerExtensions, AnswerMessage, RequestMessage } from './message.ts';
import type { FieldAccess } from './operation/field-access.ts';
import { withStatedPurpose } from './identity/purpose.ts';
import type { PreparedOperation } from './operation/prepare.ts';
import { statedTexts } from './operation/purpose.ts';
import { RequestCount } from './request-count.ts';
import { makeReady, type MadeReady } from './used-operations.ts';

/** Answers requests; knows nothing of HTTP. */
export interface Gateway {
  /**
   * Answers one request; never throws.
   * @param deadline what is not there when it ends is null with an error
   * @param fetcher asks departments on behalf of this request alone. Default: the gateway's
   * @param onReady told what will be run, just before it runs; not where the request is refused. Default: nobody
   */
  handle(request: RequestMessage, deadline: Deadline, fetcher?: Fetcher, onReady?: OnReady): Promise<AnswerMessage>;
  /** Requests that are being answered. */
  readonly underWay: number;
  /** Resolves once no request is being answered. */
  idle(): Promise<void>;
  /** What was asked for and can be run, the most often asked first. */
  used(): UsedOperation[];
  /** Plans and compiles operations before they are asked for, one after the other. @param isOver asked before each whether to stop */
  makeReady(used: readonly UsedOperation[], isOver: () => boolean): Promise<MadeReady>;
}

/** What a request amounts to once it is planned. */
export interface ReadyRequest {
  prepared: PreparedOperation;
  /** After coercion. */
  variables: Readonly<Record<string, unknown>>;
  plan: QueryPlan;
  /** What the caller may see of it. */
  access: FieldAccess;
  /** Whether there is a program for it. */
  hasProgram: boolean;
}

/** Watches a request from outside. */
export type OnReady = (ready: ReadyRequest) => void;

/** Puts the stages together: one request from start to end. */
export function createGateway(parts: GatewayParts): Gateway {
  const operations = new KnownOperations(parts);
  const bySchema = new Authoriser({ access: parts.supergraph.access, mode: 'off' });
  const authoriserNow = (): Authoriser => parts.authoriser?.() ?? bySchema;
  const requests = new RequestCount();
  return {
    async handle(request, deadline, fetcher = parts.fetcher, onReady) {
      requests.begin();
      try {
        const observed = observe(parts, request);
        const record = parts.recorder?.begin(request);
        const asking = { deadline, fetcher, onReady, record, observed };
        const requestId = request.client?.requestId;
        const onFault = (error: unknown): void => parts.onFault(error, requestId);
        const answered = await withoutThrowing(onFault, () =>
          answer({ parts, operations, authoriser: authoriserNow() }, request, asking),
        );
        if (record) observed?.enter('audit');
        const given = record ? await withoutThrowing(onFault, () => record.write(answered)) : answered;
        observed?.end(given);
        return given;
      } finally {
        requests.end();
      }
    },
    get underWay() {
      return requests.underWay;
    },
    idle: () => requests.idle(),
    used: () => operations.used(authoriserNow().options),
    makeReady: (used, isOver) => makeReady({ operations, authoriser: authoriserNow() }, used, isOver),
  };
}

function observe({ observer, onFault }: GatewayParts, request: RequestMessage): ObservedRequest | undefined {
  return observer && new ObservedRequest(request, { observer, onFault });
}

async function withoutThrowing(
  onFault: (error: unknown) => void,
  make: () => Promise<AnswerMessage>,
): Promise<AnswerMessage> {
  try {
    return await make();
  } catch (error) {
    onFault(error);
    return fromRefusal(refuseFault(error));
  }
}

/** How one request is answered, beside what it asks. */
interface Asking extends Pick<ExecutionInput, 'deadline' | 'fetcher'> {
  onReady: OnReady | undefined;
  record: RequestRecord | undefined;
  observed: ObservedRequest | undefined;
}

interface Serving {
  parts: GatewayParts;
  operations: KnownOperations;
  /** The one of when the request began. */
  authoriser: Authoriser;
}

async function answer(
  { parts, operations, authoriser }: Serving,
  { parameters, caller: sender, mutationsAllowed }: RequestMessage,
  { deadline, fetcher, onReady, record, observed }: Asking,
): Promise<AnswerMessage> {
  const known = operations.recall(parameters);
  if ('ok' in known) return fromRefusal(known);
  const { prepared } = known;
  observed?.recognise(prepared, parts.supergraph.apiSchema);
  const unrecordable = record?.recognise(prepared);
  if (unrecordable) return fromRefusal(unrecordable);
  if (prepared.isMutation && !mutationsAllowed)
    return fromRefusal(refuse('METHOD_NOT_ALLOWED', 'Send mutations by POST.'));
  // Nobody could tell how much of a mutation was run that ended with its caller's connection.
  if (prepared.isMutation) deadline.bind();
  const variables = prepared.coerceVariables(parameters.variables ?? {});
  if (!variables.ok) return fromRefusal(variables);
  const { purpose } = prepared;
  const asker = purpose ? withStatedPurpose(sender, statedTexts(purpose, variables.values)) : sender;
  if ('ok' in asker) return fromRefusal(asker);
  record?.ask(asker);
  observed?.enter('authorise');
  const asked = { operations, authoriser, known, variables: variables.values };
  const caller = parts.grants ? await withGrants(asker, parts.grants, asked) : asker;
  if (caller.grants) record?.ask(caller);
  const authority = authoriser.authorityOf(caller);
  observed?.enter('plan');
  const variant = operations.select(known, variables.values, authority);
  const compiled = variant.ready ?? (await inTime(variant.compiled, deadline));
  const { plan, access, program, runPlan, project, refusals, recorded } = compiled;
  const policiesHash = authoriser.options.rules?.hash;
  if (recorded) record?.run(recorded, { policiesHash, ...authority.groundsFor(variant.access) });
  onReady?.({ prepared, variables: variables.values, plan, access, hasProgram: program !== undefined });
  observed?.enter('execute');
  const run = { variables: variables.values, caller, deadline };
  const recording = new Recording(fetcherFor(parts, { fetcher, record, observed }, caller));
  const quick = await program?.run({ ...run, fetcher: recording.record });
  if (quick) {
    record?.answeredQuickly(quick);
    const errors = refusals.length > 0 ? { errors: refusals } : {};
    return { httpStatus: 200, dataText: quick.dataText, ...errors, ...extensionsOf(compiled, []) };
  }
  const { data, errors, verdicts, unfilled } = await runPlan({ ...run, fetcher: recording.replay });
  observed?.enter('project');
  const projected = project({ data, errors, verdicts, unfilled, variables: parameters.variables });
  record?.addDecided(projected.decided);
  const all = [...refusals, ...projected.errors];
  const extensions = extensionsOf(compiled, projected.masked);
  return { httpStatus: 200, data: projected.data, ...(all.length > 0 ? { errors: all } : {}), ...extensions };
}

/** Asks for one request: on whose behalf, where departments are told so, and watched. */
function fetcherFor(
  { tellsDepartments }: GatewayParts,
  { fetcher, record, observed }: Pick<Asking, 'fetcher' | 'record' | 'observed'>,
  caller: Caller,
): Fetcher {
  const asking = tellsDepartments ? askingFor(fetcher, record?.onBehalf ?? { caller, queryId: randomUUID() }) : fetcher;
  const recorded = record ? record.watch(asking) : asking;
  return observed ? observed.watch(recorded) : recorded;
}

/** Who is given other values than there are is told so. */
function extensionsOf(
  { restrictions }: CompiledOperation,
  ofRecords: readonly object[],
): { extensions?: AnswerExtensions } {
  const masked = [...maskedFields(restrictions), ...ofRecords];
  return masked.length > 0 ? { extensions: { access: { masked } } } : {};
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
