import type { Config } from '../config/config.ts';
import type { HandleRequest } from '../http/graph-endpoint.ts';
import type { Log } from '../observe/log.ts';
import { startGateway, type RunningGateway } from '../start.ts';
import { composeSubgraphs } from '../supergraph/compose.ts';
import type { CompositionProblem, SubgraphSource } from '../supergraph/composition.ts';
import { loadSupergraph } from '../supergraph/load.ts';
import { fieldsOfTypes, firstQuery } from './first-query.ts';
import { whyNotServed, type FolderDepartment, type ServedDepartment } from './folder-department.ts';
import { holdSource, type HeldSource } from './held-source.ts';
import { openWithoutRules } from './open-rules.ts';

/** What whoever develops a department is told. */
export type DevEvent =
  | { event: 'ready'; url: string; query: string | undefined }
  | { event: 'reloaded'; departments: readonly string[]; tookMs: number }
  | { event: 'fault'; folder: string; reason: string; isServed: boolean }
  | { event: 'graph-fault'; reason: string }
  | { event: 'not-composed'; problems: readonly CompositionProblem[]; isServed: boolean };

export interface DevOptions {
  folders: readonly FolderDepartment[];
  /** The departments that the graph has without them, as they are to be asked now. @throws SupergraphConfigError where they cannot be read */
  readGraph(): Promise<SubgraphSource[]>;
  /** Names of those that answer, or are made up. */
  answering: ReadonlySet<string>;
  env: Readonly<Record<string, string | undefined>>;
  config: Config;
  log: Log;
  around(handle: HandleRequest): HandleRequest;
  report(event: DevEvent): void;
}

/** How often files are looked at; what has changed is taken once it was seen the same twice. */
const LOOK_EVERY_MS = 250;
/** The others' schemas are read each so many looks: running departments are asked for theirs. */
const LOOKS_A_GRAPH = 8;

/** A folder's department, and the state of its files that is served or was tried. */
interface Watched {
  department: FolderDepartment;
  served: ServedDepartment | undefined;
  seen: string;
  tried: string | undefined;
}

/**
 * Departments of folders with the graph around them, and a gateway before all. What changes takes its place once it starts and composes;
 * until then what was there before is served.
 */
export class DevGraph {
  readonly #options: DevOptions;
  readonly #watched: Watched[];
  #others: SubgraphSource[] = [];
  #source: HeldSource | undefined;
  #gateway: RunningGateway | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #graphFault: string | undefined;
  #looks = 0;
  #isClosed = false;

  constructor(options: DevOptions) {
    this.#options = options;
    this.#watched = options.folders.map((department) => ({
      department,
      served: undefined,
      seen: '',
      tried: undefined,
    }));
  }

  /** Serves what can be served, and follows the files from then on; resolves once the first try is over. @throws what a gateway throws that cannot start */
  async start(): Promise<void> {
    for (const watched of this.#watched) watched.seen = watched.department.signature();
    this.#others = await this.#options.readGraph();
    await this.#take(this.#watched, this.#others);
    this.#lookLater();
  }

  /** Ends the gateway, then the departments. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#gateway?.close();
    await Promise.all(this.#watched.flatMap(({ served }) => served?.close() ?? []));
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().finally(() => {
        if (!this.#isClosed) this.#lookLater();
      });
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    const changed = this.#watched.filter((watched) => {
      const now = watched.department.signature();
      const isStill = now === watched.seen;
      watched.seen = now;
      return isStill && now !== watched.tried;
    });
    this.#looks += 1;
    const others = this.#looks % LOOKS_A_GRAPH === 0 ? await this.#readGraph() : this.#others;
    if (changed.length > 0 || JSON.stringify(others) !== JSON.stringify(this.#others))
      await this.#take(changed, others);
  }

  /** What it was before, where it cannot be read: that is told once. */
  async #readGraph(): Promise<SubgraphSource[]> {
    try {
      const read = await this.#options.readGraph();
      this.#graphFault = undefined;
      return read;
    } catch (error) {
      const reason = (error as Error).message;
      if (reason !== this.#graphFault) this.#options.report({ event: 'graph-fault', reason });
      this.#graphFault = reason;
      return this.#others;
    }
  }

  /** Serves the changed ones beside what is served, composes all, and lets the new ones take the place of the old where that is one graph. */
  async #take(changed: readonly Watched[], others: SubgraphSource[]): Promise<void> {
    const beganMs = performance.now();
    this.#others = others;
    const next = new Map<Watched, ServedDepartment>();
    for (const watched of changed) {
      const served = await this.#serve(watched);
      if (served) next.set(watched, served);
    }
    if (changed.length > 0 && next.size === 0 && this.#gateway) return;
    const own = this.#watched.flatMap((watched) => next.get(watched) ?? watched.served ?? []);
    const result = composeSubgraphs(this.#subgraphs(own));
    if (!result.ok) {
      this.#options.report({ event: 'not-composed', problems: result.problems, isServed: this.#gateway !== undefined });
      await Promise.all([...next.values()].map((served) => served.close()));
      return;
    }
    const before = [...next.keys()].flatMap(({ served }) => served ?? []);
    for (const [watched, served] of next) watched.served = served;
    await this.#serveGraph(result.sdl, own, {
      names: [...next.values()].map(({ subgraph }) => subgraph.name),
      beganMs,
    });
    await Promise.all(before.map((served) => served.close()));
  }

  async #serve(watched: Watched): Promise<ServedDepartment | undefined> {
    const { department, seen } = watched;
    watched.tried = seen;
    try {
      return await department.serve(this.#options.env);
    } catch (error) {
      const isServed = watched.served !== undefined;
      this.#options.report({ event: 'fault', folder: department.folder, reason: whyNotServed(error), isServed });
      return undefined;
    }
  }

  /** A folder's department takes the place of the graph's of its name. */
  #subgraphs(own: readonly ServedDepartment[]): SubgraphSource[] {
    const subgraphs = own.map(({ subgraph }) => subgraph);
    return [...this.#others.filter(({ name }) => !subgraphs.some((each) => each.name === name)), ...subgraphs];
  }

  async #serveGraph(
    sdl: string,
    own: readonly ServedDepartment[],
    { names, beganMs }: { names: readonly string[]; beganMs: number },
  ): Promise<void> {
    const { config, log, around, report, answering } = this.#options;
    if (this.#gateway && this.#source) {
      this.#source.sdl = sdl;
      await this.#gateway.reload();
      report({ event: 'reloaded', departments: names, tookMs: Math.round(performance.now() - beganMs) });
      return;
    }
    if (own.length === 0) return;
    this.#source = holdSource(sdl, 'switchyard dev');
    const completeRules = openWithoutRules(() => this.#watched.flatMap(({ served }) => served?.subgraph.name ?? []));
    this.#gateway = await startGateway(config, log, { source: this.#source, completeRules, around });
    const others = this.#others.filter(({ name }) => answering.has(name)).map((each) => each.sdl);
    const query = firstQuery(
      loadSupergraph(sdl).apiSchema,
      fieldsOfTypes(own.map(({ subgraph }) => subgraph.sdl)),
      fieldsOfTypes(others),
    );
    report({ event: 'ready', url: this.#gateway.url, query });
  }
}
