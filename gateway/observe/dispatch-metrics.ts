import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { catalogueCode } from '../errors.ts';
import { BoundedLabels } from './bounded-labels.ts';
import { gauge } from './request-metrics.ts';
import { readSeldom, type ReadBounds } from './seldom-read.ts';

/** What a gateway that dispatches says of it when metrics are read. */
export interface DispatchSource {
  /** Whether the store could be reached when work was last looked for, and the runs that this gateway is carrying out. */
  health(): { up: boolean; underWay: number };
  /** How all dispatches of the store stand together. @throws the store's errors */
  standing(): Promise<{
    states: Readonly<Record<string, number>>;
    deadRuns: number;
    /** When the first is due, or the first run that is not over was; absent: none. */
    firstDueAtMs: number | undefined;
  }>;
}

/** How runs end, in the words of the graph: the first that a dispatch has makes a series of each, so that the next one is seen as more. */
const OUTCOMES = ['DELIVERED', 'UNCHANGED', 'REFUSED', 'DEAD', 'EXPIRED'];

/** Few, because each dispatch has every one of them, in seconds: up to half a day, for what is tried again for hours. */
const SECONDS = [1, 10, 60, 300, 1_800, 7_200, 43_200];

/** The store is asked for next to nothing, and a page of metrics comes in time where it hangs: Prometheus waits ten seconds. */
const STANDING_BOUNDS: ReadBounds = { everyMs: 10_000, withinMs: 2_000 };

/** What the gauges have in common that are read from the store. */
const OF_ALL = 'Of all dispatches in the store, so the same at each gateway on it: take the maximum, not the sum';

type Count = Pick<Counter.Internal, 'inc'>;

interface OfDispatch {
  readonly ended: (outcome: string) => Count;
  readonly retried: (code: string) => Count;
  readonly sinceDue: Pick<Histogram.Internal<string>, 'observe'>;
  readonly parts: Count;
  readonly rows: Count;
}

/** Counts what becomes of dispatches' runs at this gateway, and tells how dispatches stand in the store, for Prometheus. */
export class DispatchMetrics {
  readonly #dispatches: BoundedLabels<OfDispatch>;

  /** @param maxDispatches names that are told apart; those beyond are `other` */
  constructor(registry: Registry, source: DispatchSource, maxDispatches: number) {
    this.#dispatches = new BoundedLabels(maxDispatches, dispatchMetrics([registry]));
    standingMetrics([registry], source);
    const help = 'Runs of dispatches that this gateway is carrying out';
    gauge([registry], 'switchyard_dispatch_runs_in_flight', help, () => source.health().underWay);
  }

  /** Counts a part that its receiver has for good. */
  partTaken(dispatch: string, rows: number): void {
    const counted = this.#dispatches.of(dispatch);
    counted.parts.inc();
    counted.rows.inc(rows);
  }

  /** Counts an attempt that failed and is made again. */
  retried(dispatch: string, code: string): void {
    this.#dispatches.of(dispatch).retried(catalogueCode(code)).inc();
  }

  /** Counts a run that is over. */
  ended(dispatch: string, outcome: string, sinceDueMs: number): void {
    const counted = this.#dispatches.of(dispatch);
    counted.ended(outcome).inc();
    counted.sinceDue.observe(sinceDueMs / 1_000);
  }
}

function dispatchMetrics(registers: Registry[]): (dispatch: string) => OfDispatch {
  const counter = (name: string, help: string, ...more: string[]): Counter =>
    new Counter({ name: `switchyard_dispatch_${name}`, help, labelNames: ['dispatch', ...more], registers });
  const runs = counter(
    'runs_total',
    'Runs that ended at this gateway, by how: DELIVERED, UNCHANGED, REFUSED, DEAD, EXPIRED',
    'outcome',
  );
  const retries = counter('retries_total', 'Attempts that failed and are made again, by the code of why', 'code');
  const parts = counter('parts_total', 'Parts that receivers have for good');
  const rows = counter('rows_total', 'Rows that receivers have for good, those that are no more included');
  const sinceDue = new Histogram({
    name: 'switchyard_dispatch_due_to_end_seconds',
    help: 'How long after they were due runs ended, however they did',
    labelNames: ['dispatch'],
    buckets: SECONDS,
    registers,
  });
  return (dispatch) => {
    for (const outcome of OUTCOMES) runs.labels(dispatch, outcome).inc(0);
    return {
      ended: (outcome) => runs.labels(dispatch, outcome),
      retried: (code) => retries.labels(dispatch, code),
      sinceDue: sinceDue.labels(dispatch),
      parts: parts.labels(dispatch),
      rows: rows.labels(dispatch),
    };
  };
}

type Standing = Awaited<ReturnType<DispatchSource['standing']>>;

function standingMetrics(registers: Registry[], source: DispatchSource): void {
  const read = readSeldom(() => source.standing(), STANDING_BOUNDS);
  const standing = async (): Promise<Standing | undefined> => {
    const known = await read();
    // Nobody knows how they stand by now where the store has gone since.
    return source.health().up ? known : undefined;
  };
  new Gauge({
    name: 'switchyard_dispatch_up',
    help: 'Whether the store of dispatches can be reached. Where it cannot, the gauges of how dispatches stand are left out',
    registers,
    async collect() {
      this.set(Number((await standing()) !== undefined));
    },
  });
  new Gauge({
    name: 'switchyard_dispatch_states',
    help: `Dispatches by state. ${OF_ALL}`,
    labelNames: ['state'],
    registers,
    async collect() {
      const known = await standing();
      this.reset();
      for (const [state, count] of Object.entries(known?.states ?? {})) this.labels(state).set(count);
    },
  });
  const ofStanding = (name: string, help: string, figure: (of: Standing) => number): void => {
    new Gauge({
      name: `switchyard_dispatch_${name}`,
      help: `${help}. ${OF_ALL}`,
      registers,
      async collect() {
        const known = await standing();
        if (known) this.set(figure(known));
        else this.remove();
      },
    });
  };
  ofStanding('dead_runs', 'Dead runs that nothing came after, and that can be replayed', ({ deadRuns }) => deadRuns);
  ofStanding(
    'late_seconds',
    'How long ago the first was due of the runs that are not over or have not begun; 0: none is',
    ({ firstDueAtMs }) => Math.max(0, (Date.now() - (firstDueAtMs ?? Number.POSITIVE_INFINITY)) / 1_000),
  );
}
