import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { nextMessage, startNode } from '../child.ts';
import type { BenchSubgraph, Workload } from '../workloads/workload.ts';
import { classifiedSdl, writeRules } from './classified.ts';
import type { SubgraphsMessage } from './subgraphs-program.ts';

/** The subgraphs of a workload, running, and the supergraph made of them. */
export interface Federation {
  supergraphFile: string;
  /** Holds, for who goes by rules, `supergraph.graphql` with access classes and `rules/`; and has room for what such a one writes. */
  enforceFolder: string;
  /** The subgraphs' URLs by name. */
  urls: Readonly<Record<string, string>>;
  /** Requests that all subgraphs together have been sent so far. */
  countRequests(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a workload's subgraphs in a process of their own and composes them into a file. */
export async function startFederation(workload: Workload): Promise<Federation> {
  const child = startNode('rest', [path.join(import.meta.dirname, 'subgraphs-program.ts'), workload.name]);
  try {
    const message = await nextMessage<SubgraphsMessage>(child);
    if (!('urls' in message)) throw new Error('The subgraphs told no URLs.');
    const { urls } = message;
    const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-bench-'));
    const supergraphFile = path.join(folder, 'supergraph.graphql');
    await writeFile(
      supergraphFile,
      compose(workload, urls, ({ sdl }) => sdl),
    );
    const enforceFolder = path.join(folder, 'enforce');
    await mkdir(enforceFolder);
    await writeFile(path.join(enforceFolder, 'supergraph.graphql'), compose(workload, urls, classifiedSdl));
    await writeRules(path.join(enforceFolder, 'rules'), workload.subgraphs);
    return {
      supergraphFile,
      enforceFolder,
      urls,
      async countRequests() {
        child.process.send('count');
        const counted = await nextMessage<SubgraphsMessage>(child);
        return 'requests' in counted ? counted.requests : 0;
      },
      async stop() {
        await child.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/**
 * The supergraph of a workload.
 * @throws Error where its subgraphs do not make one
 */
function compose(
  { name, subgraphs }: Workload,
  urls: Readonly<Record<string, string>>,
  sdlOf: (subgraph: BenchSubgraph) => string,
): string {
  const sources = subgraphs.map((subgraph) => ({
    name: subgraph.name,
    routingUrl: urls[subgraph.name]!,
    sdl: sdlOf(subgraph),
    origin: `${name}/${subgraph.name}`,
  }));
  const result = composeSubgraphs(sources);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.sdl;
}
