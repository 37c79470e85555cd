import { Recorder } from '../audit/recorder.ts';
import type { Trail } from '../audit/trail.ts';
import type { Restriction } from '../authorise/restrictions.ts';
import type { AskGraph } from '../catalogue/indicators.ts';
import type { Config } from '../config/config.ts';
import { explainRequests } from '../explain/explain-requests.ts';
import { answerWithProvenance } from '../explain/provenance.ts';
import { createHttpFetcher, type HttpFetcher } from '../fetch/http-fetcher.ts';
import { transportsOf } from '../fetch/transports.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { HandleRequest } from '../http/graph-endpoint.ts';
import { askInProcess, hasTrail, openInProcess } from '../in-process-departments.ts';
import type { Log } from '../observe/log.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import { startPlanner, type Planner } from '../plan/planner.ts';
import { sharePlans } from '../plan/shared-plans.ts';
import type { ContractRule } from '../supergraph/kept-contracts.ts';
import { SupergraphError, type ServedSupergraph } from '../supergraph/load.ts';
import type { LastingParts } from './lasting-parts.ts';
import { askInNobodysName, catalogueParts } from './catalogue-parts.ts';
import { openContracts } from './contracts.ts';
import { rememberingBy, type Remembering } from './remembering.ts';
import { authoriserBy } from './rules.ts';

/** A supergraph that is served, with what serving it takes: its planner, its operations, its ways to the departments. */
export interface Serving extends Pick<Gateway, 'used' | 'makeReady'> {
  readonly supergraph: ServedSupergraph;
  /** Answers as the gateway does; who asks is also told where the answer comes from. */
  handle: HandleRequest;
  /** Whether it shows a part of itself under this name. */
  hasContract(name: string): boolean;
  /** Answers as `handle` does, and tells how the answer came about. */
  explain: HandleRequest;
  /** How each department is that is asked over HTTP, by its subgraph's name. */
  departments: HttpFetcher['state'];
  /** Invalidates what is remembered of its departments. Absent where nothing is remembered. */
  invalidate: Remembering['invalidate'];
  /** Whether the trail can be read through the graph. */
  readonly hasTrail: boolean;
  /** Resolves with true once no request is being answered, and with false where that takes too long. */
  idle(timeoutMs: number): Promise<boolean>;
  /** Ends the planner's thread, lets requests to departments that are under way finish, and closes the connections. */
  close(): Promise<void>;
}

/** What every supergraph of a gateway is served with. */
export interface ServingOptions {
  config: Config;
  lasting: LastingParts;
  log: Log;
}

/** How long the planner may take to load a supergraph, in milliseconds: ten seconds are usual for a very large one. */
const READY_WITHIN_MS = 120_000;

/**
 * Makes ready what serving a supergraph takes; resolves once operations can be planned.
 *
 * @throws ConfigError where a subgraph has no address, or one that is not served in this process; SupergraphError where the planner cannot load it
 */
export async function openServing(supergraph: ServedSupergraph, options: ServingOptions): Promise<Serving> {
  const { config, lasting, log } = options;
  const onFault = (error: unknown, requestId?: string): void =>
    log.error({ err: error, requestId }, 'a request failed');
  await using opened = new AsyncDisposableStack();
  const authoriser = authoriserBy(lasting.rules, supergraph.access, config.authorisation.mode);
  const ask: AskGraph = (query) => askInNobodysName(gateway, query, config.http.requestTimeoutMs);
  const catalogue = { ask, ...catalogueParts(lasting, authoriser) };
  const dispatches = lasting.dispatching && (() => lasting.dispatching?.dispatches);
  const inProcess = openInProcess(supergraph, config, { ...lasting, ...catalogue, dispatches, onFault });
  const transports = transportsOf(supergraph.routingUrls, config);
  const http = opened.adopt(createHttpFetcher(transports, lasting.departments), (each) => each.close());
  const planner = opened.adopt(startPlanner(supergraph.sdl, config.planner), (each) => each.close());
  const fetch = askInProcess(inProcess, http.fetch);
  const isTold = (service: string): boolean => inProcess.has(service) || transports.get(service)?.sign !== undefined;
  const remembering = rememberingBy({ config, lasting, supergraph, isTold, onFault });
  const fetcher = remembering.before(fetch);
  const parts: GatewayParts = {
    supergraph,
    planner: sharedBy(lasting, supergraph, lasting.observing.watchPlanner(planner)),
    observer: lasting.observing.observer,
    authoriser,
    grants: lasting.grants,
    fetcher,
    prepare: { limits: config.limits, introspection: config.introspection },
    maxOperations: config.planner.maxOperations,
    tellsDepartments: config.signing !== undefined || inProcess.size > 0 || remembering.needsCaller,
    recorder: lasting.trail && recorderTo(lasting.trail, config, supergraph),
    maskErrors: config.maskSubgraphErrors,
    onReported: (operation, reported) => logReported(log, operation, reported),
    onFault,
  };
  const gateway: Gateway = createGateway(parts);
  const answering = (served: ServedSupergraph, by: Gateway): HandleRequest =>
    answerWithProvenance({ gateway: by, supergraph: served, fetcher, onFault });
  const contracts = openContracts(contractsOf(config, supergraph), parts, answering);
  if (!(await isInTime(planner.ready(), READY_WITHIN_MS)))
    throw new SupergraphError(`The planner is not ready after ${READY_WITHIN_MS} ms.`);
  opened.adopt(remembering.readChanges?.(), (each) => each?.close());
  const serving = opened.move();
  return {
    supergraph,
    handle: contracts.before(answering(supergraph, gateway)),
    hasContract: contracts.has,
    used: gateway.used,
    makeReady: gateway.makeReady,
    idle: (timeoutMs) => isInTime(Promise.all([gateway.idle(), contracts.idle()]), timeoutMs),
    explain: explainRequests({ gateway, supergraph, fetch, remembering: remembering.before, onFault }),
    departments: http.state,
    invalidate: remembering.invalidate,
    hasTrail: hasTrail(supergraph),
    close: () => serving.disposeAsync(),
  };
}

function contractsOf({ contracts }: Config, supergraph: ServedSupergraph): Readonly<Record<string, ContractRule>> {
  if (contracts !== 'registry') return contracts;
  return Object.fromEntries(supergraph.contracts.map(({ name, ...rule }) => [name, rule]));
}

/** Plans are only looked for elsewhere where there is an elsewhere. */
function sharedBy({ sharedTexts, observing }: LastingParts, supergraph: ServedSupergraph, planner: Planner): Planner {
  if (!sharedTexts) return planner;
  const { hash: supergraphHash, routingUrls } = supergraph;
  const subgraphs = new Set(routingUrls.keys());
  return sharePlans(planner, { texts: sharedTexts, supergraphHash, subgraphs, onLookedFor: observing.onLookedForPlan });
}

async function isInTime(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), timeoutMs);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function recorderTo(trail: Trail, { audit }: Config, supergraph: ServedSupergraph): Recorder {
  const { soonClasses, subjectClaims } = audit;
  return new Recorder({ trail, supergraph, soonClasses, subjectClaims });
}

/** By names and rules alone: values stay out of logs. */
function logReported(log: Log, { name, fingerprint }: PreparedOperation, reported: readonly Restriction[]): void {
  const fields = reported.map(({ coordinate, decision: { outcome, rule, department } }) => {
    return { coordinate, outcome, rule, department };
  });
  log.warn({ operation: name, fingerprint, fields }, 'rules would withhold fields if they were enforced');
}
