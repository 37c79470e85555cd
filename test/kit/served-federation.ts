import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { startGateway } from '../../gateway/start.ts';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import { temporaryFolder } from './department.ts';
import { withLink, type SmallSubgraph } from './federation.ts';

export interface ServedFederation {
  /** The gateway's `/graphql`. */
  url: string;
  /** Where metrics are read on a port of their own; absent where they are not. */
  metricsUrl: string | undefined;
  supergraphFile: string;
  /** What the gateway logged, a JSON object each. */
  logged: string[];
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Serves subgraphs and a gateway before them over real HTTP, each on a free port. */
export async function serveFederation(
  subgraphs: Readonly<Record<string, SmallSubgraph>>,
  config: ConfigInput = {},
): Promise<ServedFederation> {
  const folder = temporaryFolder();
  const served = await Promise.all(Object.entries(subgraphs).map((entry) => serveSmall(entry, folder)));
  const composed = composeSubgraphs(served.map(({ source }) => source));
  if (!composed.ok) throw new Error(composed.problems.map(({ message }) => message).join('\n'));
  const supergraphFile = folder.file('supergraph.graphql');
  await writeFile(supergraphFile, composed.sdl);
  const logged: string[] = [];
  const settings = resolveConfig({ ...config, supergraph: supergraphFile, http: { port: 0, ...config.http } }, {});
  const gateway = await startGateway(settings, createLog({ write: (line) => logged.push(line) }));
  return {
    url: gateway.url,
    metricsUrl: gateway.metricsUrl,
    supergraphFile,
    logged,
    reload: () => gateway.reload(),
    async close() {
      await gateway.close();
      await Promise.all(served.map(({ close }) => close()));
      folder.close();
    },
  };
}

async function serveSmall(
  [name, { sdl: given, resolvers = {}, routingUrl }]: [string, SmallSubgraph],
  folder: ReturnType<typeof temporaryFolder>,
) {
  const file = folder.file(`${name}.graphql`);
  const sdl = withLink(given);
  if (routingUrl !== undefined)
    return { close: () => Promise.resolve(), source: { name, routingUrl, origin: file, sdl } };
  await writeFile(file, sdl);
  const opened = { resolvers, createContext: () => ({}), close: () => Promise.resolve() };
  const department = { name, port: 0, schemaFile: pathToFileURL(file), open: () => Promise.resolve(opened) };
  const running = await serveDepartment(department, { PORT: '0' });
  return { close: () => running.close(), source: { name, routingUrl: running.url, origin: file, sdl } };
}
