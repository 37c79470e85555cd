import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { composeSubgraphs } from '../../gateway/supergraph/compose.ts';
import { nextMessage, startNode } from '../child.ts';
import type { Workload } from '../workloads/workload.ts';
import type { SubgraphsMessage } from './subgraphs-program.ts';

/** The subgraphs of a workload, running, and the supergraph made of them. */
export interface Federation {
  supergraphFile: string;
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
    await writeFile(supergraphFile, compose(workload, urls));
    return {
      supergraphFile,
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
function compose({ name, subgraphs }: Workload, urls: Readonly<Record<string, string>>): string {
  const sources = subgraphs.map((subgraph) => ({
    name: subgraph.name,
    routingUrl: urls[subgraph.name]!,
    sdl: subgraph.sdl,
    origin: `${name}/${subgraph.name}`,
  }));
  const result = composeSubgraphs(sources);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.sdl;
}
