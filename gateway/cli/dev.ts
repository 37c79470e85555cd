import { existsSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../../subgraphs/kit/program.ts';
import { resolveConfig, type Config } from '../config/config.ts';
import { DevGraph, type DevEvent } from '../dev/dev-graph.ts';
import { FolderDepartment } from '../dev/folder-department.ts';
import { markMocked } from '../dev/mark-mocked.ts';
import { openGraph } from '../dev/open-graph.ts';
import { createLog } from '../observe/log.ts';
import { SupergraphConfigError } from '../supergraph/supergraph-config.ts';
import { devText, graphText } from './dev-text.ts';
import { readConfig } from './settings-file.ts';
import { explain } from './start-error.ts';
import type { Terminal } from './terminal.ts';

export interface DevOptions {
  graph?: string;
  mock?: boolean;
  port?: number;
  config?: string;
}

/** Beside the gateway of `npm start`, and its departments. */
const DEFAULT_PORT = 4_001;

/** `switchyard dev`: runs until it is told to stop. */
export async function runDev(folders: readonly string[], options: DevOptions, terminal: Terminal): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const stopped = Promise.withResolvers<void>();
  terminal.onStop(() => stopped.resolve());
  try {
    const departments = foldersOf(folders);
    const graph = parts.adopt(await openGraph(options, await devConfig(options, terminal.env)), (each) => each.close());
    terminal.print(graphText(graph));
    const dev = parts.adopt(
      new DevGraph({
        ...graph,
        folders: departments,
        env: terminal.env,
        log: createLog(terminal.logDestination, terminal.env['LOG_LEVEL'] ?? 'fatal'),
        around: (handle) => markMocked(handle, new Set(graph.mocks.map(({ subgraph }) => subgraph.name))),
        report: (event) => tell(event, terminal),
      }),
      (each) => each.close(),
    );
    await Promise.race([dev.start(), stopped.promise]);
    await stopped.promise;
  } catch (error) {
    terminal.printError(
      error instanceof StartError || error instanceof SupergraphConfigError ? error.message : explain(error),
    );
    await parts.disposeAsync();
    terminal.exit(1);
    return;
  }
  await parts.disposeAsync();
  terminal.exit(0);
}

/** @throws StartError where one has no manifest */
function foldersOf(folders: readonly string[]): FolderDepartment[] {
  const named = folders.length > 0 ? folders : ['.'];
  for (const folder of named) {
    const file = path.basename(folder) === 'department.yaml' ? folder : path.join(folder, 'department.yaml');
    if (!existsSync(file))
      throw new StartError(
        `switchyard dev: there is no ${file}; name the folder of a department, which switchyard wrap can write`,
      );
  }
  return named.map((folder) => new FolderDepartment(folder, process.cwd()));
}

/** As the gateway would be served here, but that nothing of it outlasts it, and nobody else has to do with it. */
async function devConfig({ config: file, port = DEFAULT_PORT }: DevOptions, env: Terminal['env']): Promise<Config> {
  const config = await readConfig(file === undefined ? {} : { config: file }, env);
  const { redisUrl: _, redisSentinel: __, redisCluster: ___, redisTls: ____, ...cache } = config.cache;
  const { tls: _____, ...http } = config.http;
  return resolveConfig(
    {
      ...config,
      cache,
      http: { ...http, host: '127.0.0.1', port, shutdownTimeoutMs: 2_000 },
      audit: { ...config.audit, store: 'off' },
      grants: { ...config.grants, store: 'off' },
      ...{ production: false, graphiql: true, introspection: true, maskSubgraphErrors: false },
    },
    {},
  );
}

function tell(event: DevEvent, terminal: Terminal): void {
  const isFault = event.event === 'fault' || event.event === 'graph-fault' || event.event === 'not-composed';
  (isFault ? terminal.printError : terminal.print)(devText(event));
  if (event.event === 'ready') void terminal.tellParent?.({ ready: true, url: event.url });
}
