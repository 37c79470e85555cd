import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { errorCodes, type ErrorCode } from '../errors.ts';
import type { Planner } from '../plan/planner.ts';
import { BoundedLabels } from './bounded-labels.ts';
import type { ObservedFetch, ObservedRequest, RequestObserver } from './observed-request.ts';
import { outcomeOf, OUTCOMES, type Outcome } from './outcome.ts';

/** How many values labels may have that clients choose. */
export interface LabelBounds {
  /** Names of operations; those beyond are `other`. */
  maxOperations: number;
  /** Those that come first, whatever is asked. */
  firstOperations: readonly string[];
  /** Names of clients; those beyond are `other`. */
  maxClients: number;
}

/** Departments of all supergraphs that were served. */
const MAX_DEPARTMENTS = 1_000;
/** An operation without a name. */
const UNNAMED = 'unnamed';
/** What could not be read, or is not valid. */
const NOT_VALID = 'not valid';

/** Few, because each operation and each department has every one of them, in seconds. */
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A label set's own counter or histogram: labels are looked up once, and not for each request. */
type Count = Pick<Counter.Internal, 'inc'>;
type Observe = Pick<Histogram.Internal<string>, 'observe'>;

interface OfOperation {
  readonly byOutcome: Readonly<Record<Outcome, Count>>;
  readonly seconds: Observe;
}

interface OfDepartment {
  readonly answered: Count;
  readonly remembered: Count;
  /** The department answered, and with a status that says that it could not. */
  readonly httpError: Count;
  readonly failed: (code: ErrorCode) => Count;
  readonly seconds: Observe;
  readonly rows: Count;
  readonly rememberedRows: Count;
}

/** Counts and times requests, for Prometheus. */
export class RequestMetrics implements RequestObserver {
  readonly #operations: BoundedLabels<OfOperation>;
  readonly #clients: BoundedLabels<Count>;
  readonly #departments: BoundedLabels<OfDepartment>;
  readonly #errors: Counter;
  readonly #refusals: Counter;
  readonly #plans: Histogram;
  #inFlight = 0;
  #plansUnderWay = 0;

  constructor(registry: Registry, { maxOperations, firstOperations, maxClients }: LabelBounds) {
    const registers = [registry];
    this.#operations = new BoundedLabels(maxOperations, operationMetrics(registers));
    for (const name of firstOperations) this.#operations.of(name);
    this.#departments = new BoundedLabels(MAX_DEPARTMENTS, departmentMetrics(registers));
    const clients = new Counter({
      name: 'switchyard_client_requests_total',
      help: 'Requests, by the name that the client gives itself',
      labelNames: ['client'],
      registers,
    });
    this.#clients = new BoundedLabels(maxClients, (client) => clients.labels(client));
    this.#errors = new Counter({
      name: 'switchyard_request_errors_total',
      help: 'Requests whose answer had an error with this code',
      labelNames: ['code'],
      registers,
    });
    this.#refusals = new Counter({
      name: 'switchyard_http_refusals_total',
      help: 'Requests that were refused before the graph was asked, by the code of why',
      labelNames: ['code'],
      registers,
    });
    this.#plans = new Histogram({
      name: 'switchyard_planning_seconds',
      help: 'How long operations waited for their plan, with what was planned before them',
      labelNames: ['outcome'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10],
      registers,
    });
    gauge(registers, 'switchyard_requests_in_flight', 'Requests that are being answered', () => this.#inFlight);
    gauge(registers, 'switchyard_plans_waiting', 'Operations that wait for a plan', () => this.#plansUnderWay);
  }

  began(): void {
    this.#inFlight += 1;
  }

  ended({ message, operation, answer, fetches, beganMs, endedMs }: ObservedRequest): void {
    this.#inFlight -= 1;
    const ofOperation = this.#operations.of(operation ? (operation.name ?? UNNAMED) : NOT_VALID);
    ofOperation.byOutcome[outcomeOf(answer!)].inc();
    ofOperation.seconds.observe((endedMs - beganMs) / 1_000);
    this.#clients.of(message.client?.name ?? 'unknown').inc();
    if (answer!.errors) for (const code of errorCodes(answer!.errors)) this.#errors.labels(code).inc();
    for (const fetch of fetches) this.#count(fetch, endedMs);
  }

  #count(fetch: ObservedFetch, requestEndedMs: number): void {
    const { request, answer, errorCode, rows, remembered, beganMs, endedMs = requestEndedMs } = fetch;
    const department = this.#departments.of(request.template.service);
    if (remembered > 0) department.rememberedRows.inc(remembered);
    if (remembered === rows) return department.remembered.inc();
    department.rows.inc(rows - remembered);
    department.seconds.observe((endedMs - beganMs) / 1_000);
    // One that is still under way was given up with its request.
    if (!answer) department.failed(errorCode ?? 'REQUEST_TIMEOUT').inc();
    else if (answer.httpStatus >= 400) department.httpError.inc();
    else department.answered.inc();
  }

  /** Counts a request that was refused before the graph was asked. */
  refused(code: ErrorCode): void {
    this.#refusals.labels(code).inc();
  }

  /** A planner that plans as the other does, and is timed. */
  watchPlanner(planner: Planner): Planner {
    return {
      ready: () => planner.ready(),
      close: () => planner.close(),
      plan: async (...asked) => {
        const beganMs = performance.now();
        this.#plansUnderWay += 1;
        let outcome = 'failed';
        try {
          const plan = await planner.plan(...asked);
          outcome = 'planned';
          return plan;
        } finally {
          this.#plansUnderWay -= 1;
          this.#plans.labels(outcome).observe((performance.now() - beganMs) / 1_000);
        }
      },
    };
  }
}

/** A metric that is looked up when somebody reads it. */
export function gauge(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

function operationMetrics(registers: Registry[]): (operation: string) => OfOperation {
  const total = new Counter({
    name: 'switchyard_requests_total',
    help: 'Requests, by operation and how they ended: answered, in part, refused or failed',
    labelNames: ['operation', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'switchyard_request_duration_seconds',
    help: 'How long requests took, without reading and sending them',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers,
  });
  return (operation) => ({
    byOutcome: Object.fromEntries(
      OUTCOMES.map((outcome) => [outcome, total.labels(operation, outcome)]),
    ) as OfOperation['byOutcome'],
    seconds: seconds.labels(operation),
  });
}

function departmentMetrics(registers: Registry[]): (department: string) => OfDepartment {
  const labelNames = ['department'];
  const total = new Counter({
    name: 'switchyard_fetches_total',
    help: 'What departments were asked: answered, remembered whole, http_error, or the code of why there was no answer',
    labelNames: ['department', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'switchyard_fetch_duration_seconds',
    help: 'How long departments took, with every attempt',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const asked = new Counter({
    name: 'switchyard_fetch_rows_total',
    help: 'Entities that departments were asked for; 1 for root fields',
    labelNames,
    registers,
  });
  const remembered = new Counter({
    name: 'switchyard_remembered_rows_total',
    help: 'Entities that were remembered and not asked for; 1 for root fields',
    labelNames,
    registers,
  });
  return (department) => ({
    answered: total.labels(department, 'answered'),
    remembered: total.labels(department, 'remembered'),
    httpError: total.labels(department, 'http_error'),
    failed: (code) => total.labels(department, code),
    seconds: duration.labels(department),
    rows: asked.labels(department),
    rememberedRows: remembered.labels(department),
  });
}
