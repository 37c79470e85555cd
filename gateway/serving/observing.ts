import { Kind, parse } from 'graphql';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { ErrorCode } from '../errors.ts';
import { readSavedOperations } from '../http/graphiql/saved-operations.ts';
import { FieldUsage } from '../observe/field-usage.ts';
import type { GatewayMetrics, PartStates } from '../observe/gateway-metrics.ts';
import { joinObservers } from '../observe/join-observers.ts';
import type { Log } from '../observe/log.ts';
import type { RequestObserver } from '../observe/observed-request.ts';
import { RequestLog } from '../observe/request-log.ts';
import { trustingRoots } from '../supergraph/private-roots.ts';
import type { Planner } from '../plan/planner.ts';

/** Who watches requests, whichever supergraph is served. */
export interface Observing {
  /** Absent where nobody does. */
  observer: RequestObserver | undefined;
  /** A planner that plans as the other does, and is watched. */
  watchPlanner(planner: Planner): Planner;
  /** Counts a plan that was looked for among those of other gateways. */
  onLookedForPlan: GatewayMetrics['lookedForPlan'];
  /** Counts an operation that a request named by its hash. */
  onLookedForQuery: GatewayMetrics['lookedForQuery'];
  /** Counts a request that was refused before the graph was asked. */
  onRefused(code: ErrorCode): void;
  /** Is told what becomes of dispatches' runs. Absent: there are none, or no metrics. */
  dispatches: GatewayMetrics['dispatches'];
  /** To be called once, with what gives the state of the departments of now. */
  watchDepartments: GatewayMetrics['watchDepartments'];
  /** Metrics, for whoever may read them. Absent: there are none. */
  registry: Registry | undefined;
  /** Which fields are used by whom. Absent: nobody could read it, and nothing is counted. */
  usage: FieldUsage | undefined;
  /** Where metrics are read on a port of their own. Absent: nowhere. */
  metricsUrl: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens what watches requests, as far as it is switched on; what is not is not even loaded.
 *
 * @throws the system's error where the port for metrics is taken
 */
export async function openObserving(config: Config, states: PartStates, log: Log): Promise<Observing> {
  await using opened = new AsyncDisposableStack();
  const metrics = await openMetrics(config, states);
  const server = opened.adopt(await serveOwnPort(config, metrics?.registry), (each) => each?.close());
  const observers: RequestObserver[] = metrics ? [metrics.requests] : [];
  if (config.log.requests.length > 0) observers.push(new RequestLog(log, config.log));
  const traces = opened.adopt(await openTraces(config, log), (each) => each?.close());
  if (traces) observers.push(traces.requests);
  const isTold = config.reload.publicKeyFile !== undefined && config.reload.reportUsageEveryMs > 0;
  const usage = config.explain.secret === undefined && !isTold ? undefined : new FieldUsage();
  if (usage) observers.push(usage);
  if (usage && isTold) opened.adopt(await openUsageReporter(config, usage, log), (each) => each.close());
  const observing = opened.move();
  return {
    observer: joinObservers(observers),
    watchPlanner: (planner) => (metrics ? metrics.requests.watchPlanner(planner) : planner),
    onLookedForPlan: (outcome) => metrics?.lookedForPlan(outcome),
    onLookedForQuery: (outcome) => metrics?.lookedForQuery(outcome),
    onRefused: (code) => metrics?.requests.refused(code),
    watchDepartments: (read) => metrics?.watchDepartments(read),
    dispatches: metrics?.dispatches,
    registry: metrics?.registry,
    usage,
    metricsUrl: server?.url,
    close: () => observing.disposeAsync(),
  };
}

async function openMetrics({ metrics, operations }: Config, states: PartStates) {
  if (metrics.port === undefined && !metrics.besideGraph) return undefined;
  const { createMetrics } = await import('../observe/gateway-metrics.ts');
  const saved = await readSavedOperations(operations);
  const firstOperations = saved.flatMap(({ text }) => operationNames(text));
  return createMetrics(states, { ...metrics, firstOperations });
}

/** Names of the operations in a text; none where it cannot be read, which is told to whoever runs it. */
function operationNames(text: string): string[] {
  try {
    return parse(text).definitions.flatMap((each) =>
      each.kind === Kind.OPERATION_DEFINITION && each.name ? [each.name.value] : [],
    );
  } catch {
    return [];
  }
}

async function openUsageReporter({ supergraph, reload }: Config, usage: FieldUsage, log: Log) {
  const { UsageReporter } = await import('../registry/usage-reporter.ts');
  const { headers, timeoutMs, reportUsageEveryMs: everyMs } = reload;
  const onProblem = (problem: Error | undefined): void => {
    if (problem) log.warn({ err: problem }, 'the registry cannot be told who uses which fields; it is told later');
    else log.info('the registry is told again who uses which fields');
  };
  return new UsageReporter({
    supergraphUrl: supergraph,
    headers,
    everyMs,
    timeoutMs,
    dispatcher: await trustingRoots(reload.caFile),
    read: () => usage.read(),
    onProblem,
  });
}

async function openTraces({ traces: { endpoint, ...traces } }: Config, log: Log) {
  if (endpoint === undefined) return undefined;
  const { createTraces } = await import('../observe/traces.ts');
  return createTraces({ endpoint, ...traces }, (problem) => {
    if (problem) log.warn({ err: problem }, 'traces cannot be sent; those of now are lost');
    else log.info('traces can be sent again');
  });
}

async function serveOwnPort({ metrics: { host, port } }: Config, registry: Registry | undefined) {
  if (!registry || port === undefined) return undefined;
  const { serveMetrics } = await import('../observe/metrics-server.ts');
  return serveMetrics(registry, { host, port });
}
