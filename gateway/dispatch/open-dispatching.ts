import { randomUUID } from 'node:crypto';
import { ConfigError } from '../config/config.ts';
import type { DispatchConfig } from '../config/dispatch.ts';
import { openDatabase } from '../sql/open-database.ts';
import type { DispatchGraph } from './asking.ts';
import type { DispatchRecord } from './carry-out.ts';
import { Dispatcher } from './dispatcher.ts';
import { Dispatches } from './dispatches.ts';
import type { Recipient } from './recipient.ts';
import { openReceiver, type ReceiverKeys } from './receivers/open-receiver.ts';
import type { RunObserver } from './run-observer.ts';
import { openDispatchStore } from './sql-store.ts';
import type { DispatchStore, Standing } from './store.ts';

/** What dispatching takes beside its settings. */
export interface DispatchingOptions extends ReceiverKeys {
  /** Writes into the trail. Absent: none is kept. */
  record?: ((record: DispatchRecord) => Promise<void>) | undefined;
  /** Told of faults, and with undefined when dispatches can be reached again. */
  onProblem(problem: unknown): void;
}

/** What may have changed: fields of a type, or, where none is named, anything of a department. */
export interface Change {
  readonly subgraph: string;
  readonly type: string | undefined;
}

/** Dispatches of a gateway: kept, and, once there is a graph to ask, carried out. */
export interface Dispatching {
  /** Undefined until there is a graph. */
  readonly dispatches: Dispatches | undefined;
  /** Carries out what is due from now on. @param observer is told what becomes of runs. Default: nobody is */
  begin(graph: DispatchGraph, observer?: RunObserver): void;
  /**
   * A department says that something may have changed: what is dispatched on its change is due after a while.
   * @param ownersOf names of the departments that give a field, by `Type.field`
   * @throws the database's errors
   */
  noteChanges(changes: readonly Change[], ownersOf: (coordinate: string) => ReadonlySet<string>): Promise<void>;
  /** Takes nothing more, and lets go of what is under way. */
  stop(): Promise<void>;
  health(): { store: string; up: boolean; underWay: number };
  /** How all dispatches stand together, those of other gateways on the store included. @throws the database's errors */
  standing(): Promise<Standing>;
  close(): Promise<void>;
}

/** Opens dispatches at a PostgreSQL address or in an SQLite file; makes what is missing. @throws the database's errors; ConfigError */
export async function openDispatching(config: DispatchConfig, options: DispatchingOptions): Promise<Dispatching> {
  const { store: place, timeoutMs, keepRuns, keepEvents } = config;
  await using opened = new AsyncDisposableStack();
  // A run that is forgotten would give its number, and so its idempotency keys, to another one.
  const database = opened.adopt(
    await openDatabase(place, { timeoutMs, applicationName: 'switchyard dispatch', isDurable: true }),
    (each) => each.close(),
  );
  const store = await openDispatchStore(database, { keepRuns, keepEvents });
  const recipients = new Map<string, Recipient>();
  for (const [name, { receiver: settings, ...authority }] of Object.entries(config.recipients)) {
    const opening = openReceiver(settings, options).catch((error: unknown) => refuseSettings(name, error));
    const receiver = opened.adopt(await opening, (each) => each.close());
    recipients.set(name, { name, identity: identityOf(name, authority), receiver });
  }
  return new OpenDispatching(config, { ...options, store, recipients, opened: opened.move() });
}

/** Says whose settings are wrong. */
function refuseSettings(name: string, error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  throw new ConfigError(`dispatch.recipients.${name}.receiver: ${error.message}`, { cause: error });
}

function identityOf(
  name: string,
  { department, organisation, roles, scopes, claims }: Omit<DispatchConfig['recipients'][string], 'receiver'>,
): Recipient['identity'] {
  return { kind: 'system', proof: `dispatch:${name}`, subject: name, organisation, department, roles, scopes, claims };
}

interface Opened extends DispatchingOptions {
  store: DispatchStore;
  recipients: ReadonlyMap<string, Recipient>;
  opened: AsyncDisposableStack;
}

class OpenDispatching implements Dispatching {
  readonly #config: DispatchConfig;
  readonly #opened: Opened;
  #dispatcher: Dispatcher | undefined;
  dispatches: Dispatches | undefined;

  constructor(config: DispatchConfig, opened: Opened) {
    this.#config = config;
    this.#opened = opened;
  }

  begin(graph: DispatchGraph, observer?: RunObserver): void {
    const { store, recipients, record, onProblem } = this.#opened;
    const { carriesOut, maxDeliveryBytes, maxParts, maxRows, ...config } = this.#config;
    const bounds = { maxDeliveryBytes, maxParts, maxRows };
    const common = { ...config, store, recipients, graph };
    if (carriesOut)
      this.#dispatcher = new Dispatcher({
        ...common,
        ...{ bounds, record, observer, onProblem, holder: randomUUID(), nowMs: Date.now },
      });
    this.dispatches = new Dispatches({ ...common, onDue: () => this.#dispatcher?.wake() });
  }

  async noteChanges(changes: readonly Change[], ownersOf: (coordinate: string) => ReadonlySet<string>): Promise<void> {
    const { store } = this.#opened;
    const isChanged = (coordinate: string): boolean =>
      changes.some(
        ({ subgraph, type }) =>
          (type === undefined || coordinate.startsWith(`${type}.`)) && ownersOf(coordinate).has(subgraph),
      );
    for (const { id, definition } of await store.watching()) {
      const { onChangeOf, settleMs } = definition.trigger;
      if (onChangeOf.some(isChanged)) await store.noteChange(id, Date.now(), settleMs);
    }
  }

  async stop(): Promise<void> {
    await this.#dispatcher?.stop();
  }

  health(): { store: string; up: boolean; underWay: number } {
    const { description } = this.#opened.store;
    return { store: description, up: this.#dispatcher?.isUp ?? true, underWay: this.#dispatcher?.underWay ?? 0 };
  }

  standing(): Promise<Standing> {
    return this.#opened.store.standing();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#opened.opened.disposeAsync();
  }
}
