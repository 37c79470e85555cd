import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { SubgraphSource } from '../supergraph/composition.ts';
import { readSubgraphs } from '../supergraph/supergraph-config.ts';
import type { ServedDepartment } from './folder-department.ts';
import { serveMock } from './mock-department.ts';
import { findRunning } from './running-departments.ts';

const USUAL_GRAPH = 'supergraph.yaml';

/** The graph that departments join. */
export interface OpenGraph {
  /** Where it is said; undefined where there is none. */
  file: string | undefined;
  running: readonly string[];
  missing: readonly string[];
  mocks: readonly ServedDepartment[];
  answering: ReadonlySet<string>;
  config: Config;
  readGraph(): Promise<SubgraphSource[]>;
  /** Ends what was made up. */
  close(): Promise<void>;
}

/**
 * Reads the graph, looks who of it answers, and makes up those that do not where that is asked for.
 * @throws SupergraphConfigError where it cannot be read
 */
export async function openGraph(
  { graph, mock }: { graph?: string; mock?: boolean },
  config: Config,
): Promise<OpenGraph> {
  const file = graph ?? (existsSync(USUAL_GRAPH) ? USUAL_GRAPH : undefined);
  const read = (): Promise<SubgraphSource[]> => (file === undefined ? Promise.resolve([]) : readSubgraphs(file));
  const { running, missing } = await findRunning(await read(), config);
  const mocks = mock ? await Promise.all(missing.map(serveMock)) : [];
  const mockUrls = new Map(mocks.map(({ subgraph }) => [subgraph.name, subgraph.routingUrl]));
  const names = (subgraphs: readonly SubgraphSource[]): string[] => subgraphs.map(({ name }) => name);
  const settings = Object.entries(config.subgraphs).map(([name, { routingUrl, ...own }]) => [
    name,
    mockUrls.has(name) ? own : { ...own, ...(routingUrl !== undefined && { routingUrl }) },
  ]);
  return {
    file,
    mocks,
    close: async () => void (await Promise.all(mocks.map((each) => each.close()))),
    running: names(running),
    missing: names(missing),
    answering: new Set([...names(running), ...mockUrls.keys()]),
    config: { ...config, subgraphs: Object.fromEntries(settings) as Config['subgraphs'] },
    readGraph: async () =>
      (await read()).map((each) => ({ ...each, routingUrl: mockUrls.get(each.name) ?? each.routingUrl })),
  };
}
