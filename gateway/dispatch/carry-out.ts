import { randomUUID } from 'node:crypto';
import { ERROR_CATALOGUE, GatewayFault, type ErrorCode } from '../errors.ts';
import type { DispatchGraph } from './asking.ts';
import { knownRow } from './changes.ts';
import { nextAfter } from './definition.ts';
import { DeliveryError, type Delivery, type Receipt } from './delivery.ts';
import { idempotencyKey, type Claim, type DispatchEvent, type Reason, type Run } from './dispatch.ts';
import { holding, prepare, type Ended, type Preparing, type RunBounds } from './prepare.ts';
import { recheck } from './recheck.ts';
import type { Recipient } from './recipient.ts';
import { DispatchRefusal } from './refusal.ts';
import { rowReader } from './row-reader.ts';
import type { RunObserver } from './run-observer.ts';
import type { DispatchStore, PartRows, RunEnd } from './store.ts';

/** What becomes of a part, or of a run of which nothing is delivered, for the trail. */
export interface DispatchRecord {
  recipient: Recipient;
  run: Run;
  claim: Claim;
  /** Absent: nothing is delivered. */
  delivery?: Delivery;
  receipt?: Receipt;
}

/** How often, and how, what failed is tried again. */
export interface RetryBounds {
  firstMs: number;
  maxMs: number;
  maxAttempts: number;
}

/** What carrying out takes. */
export interface CarryOutParts {
  store: DispatchStore;
  graph: DispatchGraph;
  recipients: ReadonlyMap<string, Recipient>;
  /** Writes into the trail. Absent: none is kept. @throws GatewayFault TRAIL_UNAVAILABLE */
  record?: ((record: DispatchRecord) => Promise<void>) | undefined;
  /** Is told what becomes of runs. Default: nobody is */
  observer?: RunObserver | undefined;
  bounds: RunBounds;
  retry: RetryBounds;
  /** How long asking for one page may take, and a receiver to take one part. */
  requestTimeoutMs: number;
  deliveryTimeoutMs: number;
  nowMs: () => number;
}

/**
 * Carries a dispatch out that is claimed: begins a run or goes on with the one that is not over, up to its end or to its next attempt.
 *
 * @param signal ends it between two steps; what was done is not done again by who goes on
 * @throws ClaimLost; the store's errors; the signal's reason
 */
export async function carryOut(claim: Claim, parts: CarryOutParts, signal: AbortSignal): Promise<void> {
  const { store, nowMs } = parts;
  const { dispatch } = claim;
  const current = dispatch.currentRun === undefined ? undefined : await store.run(dispatch.id, dispatch.currentRun);
  const { expiresAt } = dispatch.definition;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs()) return expire(claim, parts, current);
  await new Carrying(claim, await begun(claim, parts, current), { parts, signal }).go();
}

async function expire(claim: Claim, parts: CarryOutParts, current: Run | undefined): Promise<void> {
  const { store, nowMs, observer } = parts;
  const why = reason('DISPATCH_EXPIRED');
  const at = new Date(nowMs()).toISOString();
  const run: Run | undefined = current && { ...current, state: 'REFUSED', why, endedAt: at };
  await holding(store.expire(claim, eventOf(claim, at, { kind: 'EXPIRED', why }), run));
  if (run) observer?.ended(claim.dispatch.definition.name, 'EXPIRED', sinceDueMs(run));
}

async function begun(claim: Claim, { store, nowMs }: CarryOutParts, current: Run | undefined): Promise<Run> {
  const { dispatch } = claim;
  if (current) {
    const run: Run = { ...current, state: 'RUNNING', attempt: current.attempt + 1, retryAt: undefined };
    await holding(store.update(claim, run));
    return run;
  }
  const { id, definition, revision, lastRun, hasBaseline, nextAtMs, pendingAtMs, pendingReason } = dispatch;
  const now = nowMs();
  const isPending = pendingAtMs !== undefined && pendingAtMs <= now;
  const byTrigger = definition.trigger.cron === undefined ? 'EVERY' : 'CRON';
  const why = (isPending ? pendingReason : undefined) ?? byTrigger;
  const run: Run = {
    dispatchId: id,
    number: lastRun + 1,
    revision,
    state: 'RUNNING',
    reason: why,
    queryGroupId: randomUUID(),
    content: definition.content === 'FULL' || !hasBaseline || why === 'REPLAY' ? 'full' : 'changes',
    dueAt: new Date(Math.min(pendingAtMs ?? now, nextAtMs ?? now, now)).toISOString(),
    beganAt: new Date(now).toISOString(),
    attempt: 1,
    isPrepared: false,
    ...{ rowsRead: 0, rows: 0, removed: 0, parts: 0, partsTaken: 0 },
  };
  await holding(store.begin(claim, run, nextAfter(definition.trigger, now)));
  return run;
}

class Carrying {
  readonly #claim: Claim;
  readonly #parts: CarryOutParts;
  readonly #signal: AbortSignal;
  #run: Run;

  constructor(claim: Claim, run: Run, { parts, signal }: { parts: CarryOutParts; signal: AbortSignal }) {
    this.#claim = claim;
    this.#run = run;
    this.#parts = parts;
    this.#signal = signal;
  }

  async go(): Promise<void> {
    const { definition } = this.#claim.dispatch;
    const recipient = this.#parts.recipients.get(definition.recipient);
    if (!recipient) return this.#die(reason('DISPATCH_RECIPIENT_UNKNOWN', `It is ${definition.recipient}.`));
    // It ended every gateway that tried it, or was taken from them.
    if (this.#run.attempt > this.#parts.retry.maxAttempts)
      return this.#die(this.#run.why ?? reason('INTERNAL_SERVER_ERROR'), recipient);
    const ended = (await this.#ready(recipient)) ?? (await this.#deliverAll(recipient));
    if (ended?.kind === 'refused') await this.#refuse(recipient, ended.reason);
    else if (ended?.isLasting) await this.#die(ended.reason, recipient);
    else if (ended) await this.#tryAgain(recipient, ended.reason, ended.retryAfterMs);
  }

  async #ready(recipient: Recipient): Promise<Ended | undefined> {
    const preparing = this.#preparing(recipient);
    if ('kind' in preparing) return preparing;
    if (this.#run.isPrepared) return recheck(this.#run, preparing);
    const readied = await prepare(this.#run, preparing);
    if (readied.kind !== 'ready') return readied;
    this.#run = readied.run;
    return undefined;
  }

  #preparing({ identity }: Recipient): Preparing | Ended {
    const { graph, requestTimeoutMs: timeoutMs, store, bounds } = this.#parts;
    const { queryGroupId } = this.#run;
    try {
      const reader = rowReader(this.#claim.dispatch.definition, graph.schema);
      const asking = { graph, identity, queryGroupId, timeoutMs, signal: this.#signal };
      return { claim: this.#claim, reader, asking, store, bounds };
    } catch (error) {
      if (!(error instanceof DispatchRefusal)) throw error;
      return { kind: 'failed', reason: { code: 'DISPATCH_REFUSED', text: error.message }, isLasting: true };
    }
  }

  /** The parts one after the other, each until its receipt is there. */
  async #deliverAll(recipient: Recipient): Promise<Ended | undefined> {
    const { store } = this.#parts;
    const { dispatchId, number, parts } = this.#run;
    if (parts === 0) return this.#endUnchanged(recipient);
    for (let part = 1; part <= parts; part += 1) {
      this.#signal.throwIfAborted();
      const kept = await store.delivery(dispatchId, number, part);
      if (!kept?.content)
        return { kind: 'failed', reason: reason('DELIVERY_INCOMPLETE', `Part ${part} is gone.`), isLasting: true };
      const delivery = this.#delivery(part, kept.content);
      const problem = kept.receipt ? undefined : await this.#deliver(recipient, delivery);
      if (problem) return problem;
    }
    await this.#endDelivered();
    return undefined;
  }

  #delivery(part: number, { rows, removed }: Pick<Delivery, 'rows' | 'removed'>): Delivery {
    const { definition, id } = this.#claim.dispatch;
    const { number: run, parts, queryGroupId, content, columns = [] } = this.#run;
    return {
      idempotencyKey: idempotencyKey(id, run, part),
      ...{ dispatch: definition.name, run, part, isLast: part === parts, queryGroupId, content },
      ...{ columns, key: definition.key, rows, removed },
    };
  }

  async #deliver(recipient: Recipient, delivery: Delivery): Promise<Ended | undefined> {
    const { store, deliveryTimeoutMs } = this.#parts;
    const timeout = AbortSignal.timeout(deliveryTimeoutMs);
    try {
      const receipt = await recipient.receiver.deliver(delivery, AbortSignal.any([this.#signal, timeout]));
      // Into the trail before it counts as taken: killed in between, the gateway that goes on is given the same receipt again.
      const run = { ...this.#run, partsTaken: this.#run.partsTaken + 1 };
      await this.#parts.record?.({ recipient, run, claim: this.#claim, delivery, receipt });
      const { part } = delivery;
      await holding(store.take(this.#claim, run, { part, receipt, has: this.#rowsOf(delivery) }));
      this.#run = run;
      this.#parts.observer?.partTaken(delivery.dispatch, delivery.rows.length + delivery.removed.length);
      return undefined;
    } catch (error) {
      if (this.#signal.aborted || !(error instanceof GatewayFault)) throw error;
      // Of another fault's detail nobody knows whom it may be told.
      if (!(error instanceof DeliveryError)) return { kind: 'failed', reason: reason(error.code), isLasting: false };
      const { code, detail, isLasting, retryAfterMs, said } = error;
      return { kind: 'failed', reason: { ...reason(code, detail), said }, isLasting, retryAfterMs };
    }
  }

  /** What the recipient has by this part; undefined where everything is given each time. */
  #rowsOf({ columns, key, rows, removed }: Delivery): PartRows | undefined {
    if (this.#claim.dispatch.definition.content === 'FULL') return undefined;
    const indexes = key.map((name) => columns.findIndex((column) => column.name === name));
    const keyOf = (row: Delivery['rows'][number]) => indexes.map((index) => row[index]!);
    return {
      rows: rows.map((row) => knownRow(keyOf(row), row)),
      removed: removed.map((values) => knownRow(values, []).keyDigest),
    };
  }

  async #endDelivered(): Promise<void> {
    const run = this.#ended('DELIVERED');
    const { rows, removed, content } = run;
    const isRemembered = this.#claim.dispatch.definition.content === 'CHANGES';
    await this.#end({
      run,
      ...(isRemembered && { has: content === 'full' ? 'all' : 'changes' }),
      ...this.#standsAgain(),
      events: [...this.#resumed(), this.#event({ kind: 'DELIVERED', rows, removed })],
    });
  }

  async #endUnchanged(recipient: Recipient): Promise<Ended | undefined> {
    const run = this.#ended('UNCHANGED');
    const unrecorded = await this.#record(recipient, run);
    if (unrecorded) return unrecorded;
    await this.#end({ run, ...this.#standsAgain(), events: [...this.#resumed(), this.#event({ kind: 'UNCHANGED' })] });
    return undefined;
  }

  async #refuse(recipient: Recipient, why: Reason): Promise<void> {
    const run = this.#ended('REFUSED', why);
    const unrecorded = await this.#record(recipient, run);
    if (unrecorded) return this.#tryAgain(recipient, unrecorded.reason);
    const isNew = this.#claim.dispatch.state !== 'STOPPED';
    const stopped = isNew ? [this.#event({ kind: 'STOPPED', why })] : [];
    await this.#end({
      run,
      losesBaseline: run.isPrepared,
      ...{ state: 'STOPPED', stateReason: why },
      events: [this.#event({ kind: 'REFUSED', why }), ...stopped],
    });
  }

  async #tryAgain(recipient: Recipient, why: Reason, retryAfterMs = 0): Promise<void> {
    const { attempt } = this.#run;
    const { firstMs, maxMs, maxAttempts } = this.#parts.retry;
    if (attempt >= maxAttempts) return this.#die(why, recipient);
    const backoffMs = Math.min(firstMs * 2 ** (attempt - 1), maxMs) * (0.75 + Math.random() / 2);
    const delayMs = Math.max(backoffMs, retryAfterMs);
    const retryAtMs = Math.round(this.#parts.nowMs() + delayMs);
    const retryAt = new Date(retryAtMs).toISOString();
    const run: Run = { ...this.#run, state: 'RETRYING', retryAt, why };
    const event = this.#event({ kind: 'RETRYING', why, retryAt });
    await holding(this.#parts.store.retry(this.#claim, run, retryAtMs, event));
    this.#parts.observer?.retried(this.#claim.dispatch.definition.name, why.code);
  }

  /** It is tried no more; what is kept stays for who replays it. */
  async #die(why: Reason, recipient?: Recipient): Promise<void> {
    const run = this.#ended('DEAD', why);
    // Where the trail is away as well, the run's asking is in it, and the run's end is told by its state.
    if (recipient) await this.#record(recipient, run);
    const { isPrepared } = run;
    await this.#end({
      run,
      losesBaseline: isPrepared,
      keepsContent: isPrepared,
      events: [this.#event({ kind: 'DEAD', why })],
    });
  }

  async #record(recipient: Recipient, run: Run): Promise<(Ended & { kind: 'failed' }) | undefined> {
    try {
      await this.#parts.record?.({ recipient, run, claim: this.#claim });
      return undefined;
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error;
      return { kind: 'failed', reason: reason(error.code), isLasting: false };
    }
  }

  /** One that was stopped goes on once it is given again what it asks for. */
  #standsAgain(): Pick<RunEnd, 'state' | 'stateReason'> {
    return this.#claim.dispatch.state === 'STOPPED' ? { state: 'ACTIVE', stateReason: undefined } : {};
  }

  #resumed(): DispatchEvent[] {
    return this.#claim.dispatch.state === 'STOPPED' ? [this.#event({ kind: 'RESUMED' })] : [];
  }

  #ended(state: Run['state'], why?: Reason): Run {
    return { ...this.#run, state, why, retryAt: undefined, endedAt: this.#now() };
  }

  async #end(end: RunEnd): Promise<void> {
    const { store, observer } = this.#parts;
    await holding(store.end(this.#claim, end));
    observer?.ended(this.#claim.dispatch.definition.name, end.run.state, sinceDueMs(end.run));
  }

  #event(more: Pick<DispatchEvent, 'kind'> & Partial<DispatchEvent>): DispatchEvent {
    return eventOf(this.#claim, this.#now(), { run: this.#run.number, ...more });
  }

  #now(): string {
    return new Date(this.#parts.nowMs()).toISOString();
  }
}

function eventOf(
  { dispatch: { id, definition, department } }: Claim,
  at: string,
  more: Pick<DispatchEvent, 'kind'> & Partial<DispatchEvent>,
): DispatchEvent {
  return { at, dispatchId: id, name: definition.name, recipient: definition.recipient, department, ...more };
}

function sinceDueMs({ dueAt, endedAt = dueAt }: Run): number {
  return Date.parse(endedAt) - Date.parse(dueAt);
}

function reason(code: ErrorCode, more = ''): Reason {
  return { code, text: `${ERROR_CATALOGUE[code].text} ${more}`.trim() };
}
