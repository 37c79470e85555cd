import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { StartError } from '../subgraphs/kit/program.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import { readDatabaseMark } from './data-mark.ts';
import { makeData } from './data.ts';
import { makeDemoTokens, type DemoHeaders } from './demo-issuer.ts';
import type { Report } from './events.ts';
import { leftOut, listParts, type Part, type PartName } from './parts.ts';
import type { ProgramSpec } from './process.ts';
import { postgresProgram, POSTGRES_PORT } from './postgres-program.ts';
import { compileCacheFolder, projectRoot, type NetworkSettings } from './settings.ts';
import { makeSupergraph } from './supergraph.ts';
import { supervise, type SupervisedProgram } from './supervisor.ts';

const READY_WITHIN_MS = 45_000;
const STOP_WITHIN_MS = 4_000;

/** The whole network, running. */
export interface Network {
  /** Where the gateway answers GraphQL. */
  gatewayUrl: string;
  /** What to send with a request to ask as somebody. */
  headers: DemoHeaders;
  /** A program by its name. @throws RangeError when there is none of that name */
  program(name: PartName): SupervisedProgram;
  /** Stops the gateway, then the departments, then their systems, then PostgreSQL. */
  stop(): Promise<void>;
}

/**
 * Brings up the whole network: each program as soon as what it needs is there.
 *
 * @param report hears of every step
 * @param signal gives up; everything started is stopped
 * @throws StartError when a part does not come up, after everything started was stopped
 */
export async function startNetwork(settings: NetworkSettings, report: Report, signal: AbortSignal): Promise<Network> {
  const startedMs = performance.now();
  const data = openDataFolder(settings.dataFolder);
  const start = new NetworkStart(settings, data, report, signal);
  try {
    const headers = await makeDemoTokens(data.callers);
    const gatewayUrl = new URL('/graphql', await start.everything()).href;
    report({ event: 'up', gatewayUrl, dataFolder: settings.dataFolder, elapsedMs: performance.now() - startedMs });
    return { gatewayUrl, headers, program: (name) => start.program(name), stop: () => start.stop() };
  } catch (error) {
    await start.stop();
    throw error;
  }
}

/** What stands so far while the network comes up. */
class NetworkStart {
  readonly #settings: NetworkSettings;
  readonly #data: DataFolder;
  readonly #report: Report;
  readonly #cancel = new AbortController();
  readonly #signal: AbortSignal;
  /** Resolves to the part's address once it stands. */
  readonly #standing = new Map<PartName, Promise<string>>();
  readonly #programs = new Map<PartName, { program: SupervisedProgram; stopStage: number }>();

  constructor(settings: NetworkSettings, data: DataFolder, report: Report, signal: AbortSignal) {
    this.#settings = settings;
    this.#data = data;
    this.#report = report;
    this.#signal = AbortSignal.any([signal, this.#cancel.signal]);
  }

  /** Starts every part and waits for all; the first that fails takes the others with it. */
  async everything(): Promise<string> {
    const parts = listParts(this.#settings, this.#data);
    if (!this.#settings.freePorts) await checkPorts(parts, this.#settings.databaseUrl === undefined);
    for (const part of leftOut(this.#settings)) this.#report({ event: 'left-out', ...part });
    mkdirSync(compileCacheFolder, { recursive: true });
    const databaseUrl = this.#startPostgres();
    this.#standing.set('postgres', databaseUrl);
    const { settings, data, report, signal } = this.#options();
    const stores = makeData({ settings, data, databaseUrl, report, signal });
    for (const [name, made] of stores)
      this.#standing.set(
        name,
        made.then(() => ''),
      );
    this.#standing.set(
      'supergraph',
      makeSupergraph({ settings, data, report, signal }).then(() => ''),
    );
    for (const part of parts) this.#standing.set(part.name, this.#startWhenPossible(part));
    const all = [...this.#standing.values()];
    try {
      await Promise.all(all);
    } catch (error) {
      this.#cancel.abort();
      await Promise.allSettled(all);
      throw error;
    }
    return (await this.#standing.get('gateway')) as string;
  }

  program(name: PartName): SupervisedProgram {
    const found = this.#programs.get(name);
    if (!found)
      throw new RangeError(`no program is called ${name}; there are ${[...this.#programs.keys()].join(', ')}`);
    return found.program;
  }

  async stop(): Promise<void> {
    this.#cancel.abort();
    for (const stage of [1, 2, 3, 4]) {
      const programs = [...this.#programs.values()].filter(({ stopStage }) => stopStage === stage);
      await Promise.all(programs.map(({ program }) => program.stop()));
    }
    this.#programs.clear();
    this.#data.release();
  }

  async #startPostgres(): Promise<string> {
    const { databaseUrl, freePorts } = this.#settings;
    if (databaseUrl !== undefined) {
      await readDatabaseMark(databaseUrl);
      return databaseUrl;
    }
    const spec = postgresProgram({
      folder: this.#data.postgres,
      logs: this.#data.logs,
      port: freePorts ? 0 : POSTGRES_PORT,
      durable: true,
    });
    return this.#start('postgres', spec, 4);
  }

  async #startWhenPossible(part: Part): Promise<string> {
    const addresses = new Map<PartName, string>();
    for (const need of part.needs) addresses.set(need, (await this.#standing.get(need)) as string);
    const spec: ProgramSpec = {
      name: part.says,
      args: part.args.map((arg, index) => (index === 0 ? join(projectRoot, arg) : arg)),
      env: {
        ...this.#settings.env,
        ...part.env((name) => addresses.get(name) ?? ''),
        PORT: String(this.#settings.freePorts ? 0 : part.port),
      },
      logFile: join(this.#data.logs, `${part.name}.log`),
      readyWithinMs: this.#settings.readyWithinMs ?? READY_WITHIN_MS,
      stopWithinMs: STOP_WITHIN_MS,
    };
    return this.#start(part.name, spec, part.stopStage);
  }

  async #start(name: PartName, spec: ProgramSpec, stopStage: number): Promise<string> {
    const startedMs = performance.now();
    const says = spec.name;
    this.#report({ event: 'starting', name, says });
    const named: Report = (event) => this.#report('name' in event ? { ...event, name } : event);
    const program = await supervise(spec, named, this.#signal);
    this.#programs.set(name, { program, stopStage });
    const elapsedMs = performance.now() - startedMs;
    this.#report({ event: 'ready', name, says, url: program.url, pid: program.pid(), elapsedMs });
    return program.url;
  }

  #options() {
    return { settings: this.#settings, data: this.#data, report: this.#report, signal: this.#signal };
  }
}

/**
 * Says of all ports at once which are taken, before anything is started.
 * @throws StartError naming them
 */
async function checkPorts(parts: readonly Part[], withPostgres: boolean): Promise<void> {
  const wanted = parts.map(({ says, port }) => ({ says, port }));
  if (withPostgres) wanted.unshift({ says: 'PostgreSQL', port: POSTGRES_PORT });
  const free = await Promise.all(wanted.map(({ port }) => isFree(port)));
  const taken = wanted.filter((_, index) => !free[index]).map(({ says, port }) => `${port} (${says})`);
  if (taken.length === 0) return;
  const ports = taken.length === 1 ? `port ${taken[0]} is taken` : `ports ${taken.join(', ')} are taken`;
  throw new StartError(`${ports}; stop what listens there, or start with: npm start -- --ports free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
