import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { PersistedQueryOutcome } from '../operation/persisted-queries.ts';
import type { SharedPlanOutcome } from '../plan/shared-plans.ts';
import { DispatchMetrics, type DispatchSource } from './dispatch-metrics.ts';
import { gauge, RequestMetrics, type LabelBounds } from './request-metrics.ts';

/** What the parts of a gateway say of themselves when metrics are read. */
export interface PartStates {
  /** Whether the cache answers. Absent: there is none. */
  cacheIsUp: (() => boolean) | undefined;
  /** Absent: there is no trail. */
  trail: (() => { up: boolean; waiting: number }) | undefined;
  /** Absent: it keeps no dispatches. */
  dispatching: DispatchSource | undefined;
}

/** How a department is that is asked over HTTP. */
export interface DepartmentFigures {
  /** `closed` where it is asked like any other, and not left alone. */
  circuit: string;
  /** Requests under way. */
  inFlight: number;
  /** How many it gets at a time. */
  limit: number;
  /** Requests that wait for their turn. */
  queued: number;
  /** How often it was asked once more for one request: after a failure, beside a slow attempt, and not because nothing was left of the budget. */
  askedAgain: Readonly<Record<'retried' | 'hedged' | 'refused', number>>;
}

/** The metrics of one gateway. */
export interface GatewayMetrics {
  registry: Registry;
  requests: RequestMetrics;
  /** Is told what becomes of dispatches' runs. Absent: there are none. */
  dispatches: DispatchMetrics | undefined;
  /** Counts a plan that was looked for among those of other gateways. */
  lookedForPlan(outcome: SharedPlanOutcome): void;
  /** Counts an operation that a request named by its hash. */
  lookedForQuery(outcome: PersistedQueryOutcome): void;
  /** Adds how the departments are, whenever metrics are read; to be called once. @param read gives those of now, by name */
  watchDepartments(read: () => Readonly<Record<string, DepartmentFigures>>): void;
}

/** Makes the metrics of a gateway: of its requests, of its parts, and of its process. */
export function createMetrics(
  { cacheIsUp, trail, dispatching }: PartStates,
  bounds: LabelBounds & { maxDispatches: number },
): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  if (cacheIsUp) gauge(registers, 'switchyard_cache_up', 'Whether the cache answers', () => Number(cacheIsUp()));
  if (trail) {
    gauge(registers, 'switchyard_trail_up', 'Whether the trail can be written', () => Number(trail().up));
    gauge(registers, 'switchyard_trail_waiting', 'Records that wait to be written', () => trail().waiting);
  }
  const sharedPlans = new Counter({
    name: 'switchyard_shared_plans_total',
    help: 'Plans that were looked for among those of other gateways: found, missing, or broken and not taken',
    labelNames: ['outcome'],
    registers,
  });
  const persistedQueries = new Counter({
    name: 'switchyard_persisted_queries_total',
    help: 'Operations named by their hash: known in the process, shared by another gateway, missing, or broken and not taken',
    labelNames: ['outcome'],
    registers,
  });
  return {
    registry,
    requests: new RequestMetrics(registry, bounds),
    dispatches: dispatching && new DispatchMetrics(registry, dispatching, bounds.maxDispatches),
    lookedForPlan: (outcome) => sharedPlans.labels(outcome).inc(),
    lookedForQuery: (outcome) => persistedQueries.labels(outcome).inc(),
    watchDepartments(read) {
      for (const each of DEPARTMENT_GAUGES) departmentMetric(Gauge, registers, each, read);
      for (const each of DEPARTMENT_COUNTERS) departmentMetric(Counter, registers, each, read);
    },
  };
}

type DepartmentMetric = readonly [name: string, help: string, figure: (of: DepartmentFigures) => number];

const DEPARTMENT_GAUGES: readonly DepartmentMetric[] = [
  ['circuit_open', 'Whether it is left alone, as it does not answer', ({ circuit }) => Number(circuit !== 'closed')],
  ['in_flight', 'Requests to it that are under way', ({ inFlight }) => inFlight],
  ['limit', 'How many requests it gets at a time', ({ limit }) => limit],
  ['queued', 'Requests to it that wait for their turn', ({ queued }) => queued],
];

const DEPARTMENT_COUNTERS: readonly DepartmentMetric[] = [
  ['retries_total', 'Attempts made because the one before failed', ({ askedAgain }) => askedAgain.retried],
  ['hedges_total', 'Attempts made beside a slow one', ({ askedAgain }) => askedAgain.hedged],
  ['budget_refusals_total', 'Retries and hedges not made for want of budget', ({ askedAgain }) => askedAgain.refused],
];

/** What is read off departments as they are, so that counting costs no request anything. */
function departmentMetric(
  Kind: typeof Gauge | typeof Counter,
  registers: Registry[],
  [name, help, figure]: DepartmentMetric,
  read: () => Readonly<Record<string, DepartmentFigures>>,
): void {
  new Kind({
    name: `switchyard_department_${name}`,
    help,
    labelNames: ['department'],
    registers,
    collect() {
      // Departments of a supergraph that is no longer served are gone.
      this.reset();
      for (const [department, figures] of Object.entries(read())) this.labels(department).inc(figure(figures));
    },
  });
}
