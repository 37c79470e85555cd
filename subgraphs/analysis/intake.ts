import type { AnalysisStore } from './store.ts';

/** What tells whether deliveries came. */
export interface Intake {
  /** Whether something was delivered that no run has seen, and nothing more is on its way. Takes in what landed as files. */
  arrived(): Promise<boolean>;
}

/** How long nothing may come before what came is looked at: parts of one delivery follow each other. */
const SETTLE_SECONDS = 2;

/** Deliveries of dispatches into the department's PostgreSQL, which are noted in `switchyard_deliveries`. */
export function postgresIntake({ query }: AnalysisStore): Intake {
  let seen = '';
  return {
    async arrived() {
      const [noted] = await query<{ is_there: boolean }>(
        "select to_regclass('switchyard_deliveries') is not null as is_there",
      );
      if (!noted?.is_there) return false;
      const [last] = await query<{ mark: string; is_settled: boolean | null }>(
        `select count(*) || ' ' || max(taken_at) as mark, max(taken_at) < now() - interval '${SETTLE_SECONDS} seconds' as is_settled
         from switchyard_deliveries`,
      );
      if (!last?.is_settled || last.mark === seen) return false;
      seen = last.mark;
      return true;
    },
  };
}

/** What a watch has done, for `GET /stats`. */
export interface WatchState {
  runs: number;
  /** When the last began and ended, in ISO 8601; null before the first. */
  lastRun: { begunAt: string; endedAt: string } | null;
  /** What kept it from its last look or run; null where nothing did. */
  problem: string | null;
}

/** Looks for deliveries every so often, and runs the rules over what came. */
export class DeliveryWatch {
  readonly state: WatchState = { runs: 0, lastRun: null, problem: null };
  readonly #intake: Intake;
  readonly #run: () => Promise<unknown>;
  readonly #everyMs: number;
  readonly #closed = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> = Promise.resolve();

  constructor(intake: Intake, { run, everyMs }: { run: () => Promise<unknown>; everyMs: number }) {
    this.#intake = intake;
    this.#run = run;
    this.#everyMs = everyMs;
    this.#wait();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#timer);
    await this.#look;
  }

  #wait(): void {
    if (this.#closed.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#look = this.#lookOnce().finally(() => this.#wait());
    }, this.#everyMs);
  }

  async #lookOnce(): Promise<void> {
    try {
      if (await this.#intake.arrived()) {
        const begunAt = new Date().toISOString();
        await this.#run();
        this.state.runs += 1;
        this.state.lastRun = { begunAt, endedAt: new Date().toISOString() };
      }
      this.state.problem = null;
    } catch (error) {
      const { message, originalError } = error as Error & { originalError?: Error };
      this.state.problem = originalError ? `${message} ${originalError.message}` : message;
    }
  }
}
