import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Caller } from '../caller.ts';
import { GatewayFault } from '../errors.ts';
import type { OnBehalf } from '../execute/fetcher.ts';
import { askPage, type DispatchGraph } from './asking.ts';
import { definitionSchema, nextAfter, type DispatchDefinition } from './definition.ts';
import type { DeliveredValue, DeliveryColumn } from './delivery.ts';
import type {
  Dispatch,
  DispatchEvent,
  DispatchEventKind,
  DispatchState,
  KeptDelivery,
  NumberedEvent,
  Reason,
  Run,
} from './dispatch.ts';
import type { Recipient } from './recipient.ts';
import { DispatchRefusal } from './refusal.ts';
import { rowReader } from './row-reader.ts';
import type { DispatchChange, DispatchFilter, DispatchStore } from './store.ts';

/** What a dispatch would give. */
export interface Preview {
  columns: readonly DeliveryColumn[];
  /** The first ones. */
  rows: readonly (readonly DeliveredValue[])[];
  /** How many there are on the first page. */
  rowsOnPage: number;
  /** What is refused: with `whenRefused: STOP` nothing would be given. */
  refusals: readonly Reason[];
  masked: readonly string[];
  dispatch: Dispatch;
}

export interface DispatchesOptions {
  store: DispatchStore;
  graph: DispatchGraph;
  recipients: ReadonlyMap<string, Recipient>;
  requestTimeoutMs: number;
  nowMs?: () => number;
  /** Told when something may be due. */
  onDue(): void;
}

/** Dispatches that are listed at once. */
const MAX_LISTED = 1_000;
const PREVIEWED_ROWS = 20;
const CHANGED_MEANWHILE = 'Somebody else changed it at the same moment, or it is being run; look again.';

/** What people do with dispatches. Who acts for a department does it with those whose recipient belongs to it, and with no others. */
export class Dispatches {
  readonly #options: DispatchesOptions;

  constructor(options: DispatchesOptions) {
    this.#options = options;
  }

  /** Those whom something can be dispatched to for the caller's department. */
  recipientsOf({ identity: { department } }: Caller): Recipient[] {
    const all = [...this.#options.recipients.values()];
    return department === undefined ? [] : all.filter(({ identity }) => identity.department === department);
  }

  recipient(name: string): Recipient | undefined {
    return this.#options.recipients.get(name);
  }

  list(filter: DispatchFilter): Promise<Dispatch[]> {
    return this.#ask((store) => store.list(filter, MAX_LISTED));
  }

  runs(id: string, limit: number, before?: number): Promise<Run[]> {
    return this.#ask((store) => store.runs(id, limit, before));
  }

  deliveries(id: string, run: number): Promise<Omit<KeptDelivery, 'content'>[]> {
    return this.#ask((store) => store.deliveries(id, run));
  }

  events(filter: DispatchFilter, after: number, limit: number): Promise<NumberedEvent[]> {
    return this.#ask((store) => store.events(filter, after, limit));
  }

  /** @throws DispatchRefusal; GatewayFault DISPATCH_UNAVAILABLE, as all that follow */
  async create(request: unknown, caller: Caller): Promise<Dispatch> {
    const [department, by] = actingFor(caller);
    const definition = this.#checked(request, department);
    if ((await this.list({ department })).length >= MAX_LISTED)
      throw new DispatchRefusal(`Your department has ${MAX_LISTED} dispatches: delete some first.`);
    const dispatch: Dispatch = {
      ...{ id: randomUUID(), department, definition, revision: 1, state: 'DRAFT', stateReason: undefined },
      ...{ madeBy: by, madeAtMs: this.#nowMs(), lastRun: 0, hasBaseline: false },
      ...{ nextAtMs: undefined, pendingAtMs: undefined, pendingReason: undefined },
      ...{ currentRun: undefined, retryAtMs: undefined },
    };
    const isAdded = await this.#ask((store) => store.add(dispatch, this.#event(dispatch, 'CREATED', by)));
    if (!isAdded) throw new DispatchRefusal(`There is a dispatch ${definition.name} already.`);
    return this.#again(dispatch.id);
  }

  /** Makes it another one, that is to be previewed anew. What is not delivered of a run that is tried again is given up. */
  async change(id: string, request: unknown, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    const definition = this.#checked(request, dispatch.department!);
    if (definition.name !== dispatch.definition.name)
      throw new DispatchRefusal('The name stays: receivers know it by it.');
    const given = await this.#givenUp(dispatch, 'The dispatch was changed.');
    const change: DispatchChange = {
      ...{ definition, revision: dispatch.revision + 1, state: 'DRAFT', stateReason: undefined, hasBaseline: false },
      ...{ nextAtMs: undefined, pendingAtMs: undefined, pendingReason: undefined, ...given.change },
    };
    return this.#change(dispatch, change, this.#event({ ...dispatch, definition }, 'CHANGED', by), given.run);
  }

  /** Asks as the recipient does, and delivers nothing. In the trail it is part of the request that it is done for. */
  async preview(id: string, { caller, queryId }: Pick<OnBehalf, 'caller' | 'queryId'>): Promise<Preview> {
    const [dispatch, by] = await this.#own(id, caller);
    const { graph, requestTimeoutMs: timeoutMs } = this.#options;
    const { definition } = dispatch;
    const reader = rowReader(definition, graph.schema);
    const { identity } = this.#recipient(definition.recipient, dispatch.department!);
    const signal = new AbortController().signal;
    const asking = { graph, identity, queryGroupId: queryId, timeoutMs, signal };
    const asked = await askPage(definition, reader, asking, null);
    if (asked.kind === 'failed') throw new DispatchRefusal(`${asked.reason.code}: ${asked.reason.text}`);
    const isRefused = asked.kind === 'refused';
    const rows = isRefused ? [] : asked.rows;
    return {
      ...{ columns: reader.columns, rows: rows.slice(0, PREVIEWED_ROWS), rowsOnPage: rows.length },
      refusals: isRefused ? [asked.reason] : asked.leftOut,
      masked: isRefused ? [] : asked.masked,
      // Where it is refused nobody has seen yet what it gives.
      dispatch:
        dispatch.state === 'DRAFT' && !isRefused ? await this.#become(dispatch, 'READY', ['PREVIEWED', by]) : dispatch,
    };
  }

  /** It runs by its trigger from now on. */
  async activate(id: string, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    if (dispatch.state !== 'READY')
      throw new DispatchRefusal(
        dispatch.state === 'DRAFT'
          ? 'Preview it first: nobody has seen yet what it gives.'
          : `It is ${dispatch.state}.`,
      );
    const { trigger } = dispatch.definition;
    const nowMs = this.#nowMs();
    // What looks for changes begins with what there is.
    const begins = trigger.everyMs !== undefined || trigger.onChangeOf.length > 0;
    const pendingReason = trigger.everyMs === undefined ? 'CHANGE' : 'EVERY';
    const active = await this.#become(dispatch, 'ACTIVE', ['ACTIVATED', by], {
      nextAtMs: nextAfter(trigger, nowMs),
      ...(begins && { pendingAtMs: nowMs, pendingReason }),
    });
    if (begins) this.#options.onDue();
    return active;
  }

  /** It runs no more until it is resumed; a run under way is carried out, and one that waits to be tried again waits on. */
  async pause(id: string, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    if (!isRunning(dispatch)) throw new DispatchRefusal(`It is ${dispatch.state}, and does not run.`);
    return this.#become(dispatch, 'PAUSED', ['PAUSED', by]);
  }

  async resume(id: string, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    if (dispatch.state !== 'PAUSED') throw new DispatchRefusal(`It is ${dispatch.state}, and not PAUSED.`);
    const resumed = await this.#become(dispatch, 'ACTIVE', ['RESUMED', by]);
    this.#options.onDue();
    return resumed;
  }

  /** Begins a run now, or as soon as the one under way is over; one that waits to be tried again is tried now. */
  async runNow(id: string, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    if (!isRunning(dispatch)) throw new DispatchRefusal(`It is ${dispatch.state}: it runs once it is active.`);
    if (dispatch.retryAtMs === undefined) await this.#ask((store) => store.ask(id, 'HAND', this.#nowMs()));
    else
      await this.#change(
        dispatch,
        { retryAtMs: this.#nowMs() },
        this.#event(dispatch, 'REPLAYED', by, dispatch.currentRun),
      );
    this.#options.onDue();
    return this.#again(id);
  }

  /**
   * Delivers a run again: of a dead one that is the newest, what it kept and was not taken; of another all there is now, as a new run.
   */
  async replay(id: string, number: number, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    const run = await this.#run(dispatch, number);
    if (!isRunning(dispatch)) throw new DispatchRefusal(`It is ${dispatch.state}: it runs once it is active.`);
    const event = this.#event(dispatch, 'REPLAYED', by, number);
    if (run.state === 'DEAD' && run.isPrepared && number === dispatch.lastRun && (await this.#isKept(run))) {
      const revived: Run = { ...run, state: 'RETRYING', attempt: 0, endedAt: undefined };
      await this.#change(dispatch, { currentRun: number, retryAtMs: this.#nowMs() }, event, revived);
    } else {
      if (run.endedAt === undefined) throw new DispatchRefusal('The run is not over yet.');
      const pending = { pendingAtMs: this.#nowMs(), pendingReason: 'REPLAY' } as const;
      await this.#change(dispatch, pending, event);
    }
    this.#options.onDue();
    return this.#again(id);
  }

  /** Gives up what a dead run kept, or a run that waits to be tried again. */
  async discard(id: string, number: number, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    const run = await this.#run(dispatch, number);
    const isWaiting = dispatch.currentRun === number && run.state === 'RETRYING';
    if (run.state !== 'DEAD' && !isWaiting)
      throw new DispatchRefusal(`The run is ${run.state}: there is nothing to be given up.`);
    const given = isWaiting
      ? await this.#givenUp(dispatch, 'It was given up.')
      : { change: {}, run: { ...run, isGivenUp: true as const } };
    const change = { ...given.change, currentRun: undefined };
    return this.#change(dispatch, change, this.#event(dispatch, 'DISCARDED', by, number), given.run);
  }

  /** Removes it with what is kept of its runs; what happened stays in the trail and in the events. */
  async remove(id: string, caller: Caller): Promise<Dispatch> {
    const [dispatch, by] = await this.#own(id, caller);
    const event = this.#event(dispatch, 'DELETED', by);
    if (!(await this.#ask((store) => store.remove(dispatch, event)))) throw new DispatchRefusal(CHANGED_MEANWHILE);
    return dispatch;
  }

  #checked(request: unknown, department: string): DispatchDefinition {
    const parsed = definitionSchema.safeParse(request);
    if (!parsed.success) throw new DispatchRefusal(z.prettifyError(parsed.error));
    const definition = parsed.data;
    this.#recipient(definition.recipient, department);
    if (definition.expiresAt !== undefined && Date.parse(definition.expiresAt) <= this.#nowMs())
      throw new DispatchRefusal('expiresAt is a time to come.');
    rowReader(definition, this.#options.graph.schema);
    return definition;
  }

  #recipient(name: string, department: string): Recipient {
    const recipient = this.#options.recipients.get(name);
    // Others' are not told of.
    if (recipient?.identity.department === department) return recipient;
    throw new DispatchRefusal(`Your department has no recipient ${name} in the gateway's settings.`);
  }

  async #own(id: string, caller: Caller): Promise<[dispatch: Dispatch, by: string]> {
    const [department, by] = actingFor(caller);
    const dispatch = await this.#ask((store) => store.find(id));
    if (dispatch?.department !== department) throw new DispatchRefusal('Your department has no such dispatch.');
    return [dispatch, by];
  }

  async #run({ id }: Dispatch, number: number): Promise<Run> {
    const run = await this.#ask((store) => store.run(id, number));
    if (!run) throw new DispatchRefusal(`There is no run ${number}, or it is so old that it is kept no more.`);
    return run;
  }

  async #isKept({ dispatchId, number }: Run): Promise<boolean> {
    return (await this.#ask((store) => store.delivery(dispatchId, number, 1)))?.content !== undefined;
  }

  /** A run that waits to be tried again ends, for what it was to give is no more what is to be given. */
  async #givenUp({ id, currentRun }: Dispatch, text: string): Promise<{ change: DispatchChange; run?: Run }> {
    const run = currentRun === undefined ? undefined : await this.#ask((store) => store.run(id, currentRun));
    if (!run) return { change: {} };
    const endedAt = new Date(this.#nowMs()).toISOString();
    const why = { code: 'DISPATCH_GIVEN_UP', text };
    const ended: Run = { ...run, state: 'DEAD', why, isGivenUp: true, retryAt: undefined, endedAt };
    return { change: { currentRun: undefined, retryAtMs: undefined, hasBaseline: false }, run: ended };
  }

  #become(
    dispatch: Dispatch,
    state: DispatchState,
    [kind, by]: [DispatchEventKind, string],
    more: DispatchChange = {},
  ): Promise<Dispatch> {
    return this.#change(dispatch, { state, stateReason: undefined, ...more }, this.#event(dispatch, kind, by));
  }

  async #change(dispatch: Dispatch, change: DispatchChange, event: DispatchEvent, run?: Run): Promise<Dispatch> {
    const isChanged = await this.#ask((store) => store.change(dispatch, change, event, run));
    if (!isChanged) throw new DispatchRefusal(CHANGED_MEANWHILE);
    return this.#again(dispatch.id);
  }

  async #again(id: string): Promise<Dispatch> {
    return (await this.#ask((store) => store.find(id)))!;
  }

  #event({ id, definition, department }: Dispatch, kind: DispatchEventKind, by: string, run?: number): DispatchEvent {
    const at = new Date(this.#nowMs()).toISOString();
    const { name, recipient } = definition;
    return { kind, at, dispatchId: id, name, recipient, department, by, ...(run === undefined ? {} : { run }) };
  }

  async #ask<Value>(ask: (store: DispatchStore) => Promise<Value>): Promise<Value> {
    const { store } = this.#options;
    try {
      return await ask(store);
    } catch (error) {
      throw new GatewayFault('DISPATCH_UNAVAILABLE', `${store.description}: ${String(error)}`, { cause: error });
    }
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? Date.now)();
  }
}

function isRunning({ state }: Dispatch): boolean {
  return state === 'ACTIVE' || state === 'STOPPED';
}

function actingFor({ identity: { department, subject } }: Caller): [department: string, subject: string] {
  if (department === undefined || subject === undefined)
    throw new DispatchRefusal('Only who acts for a department dispatches to its recipients.');
  return [department, subject];
}
