/** The thread that composes for `composed-source.ts`: it is given the subgraphs, tells what they compose to, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { composeSubgraphs } from './compose.ts';
import type { SubgraphSource } from './composition.ts';

parentPort!.postMessage(composeSubgraphs(workerData as SubgraphSource[]));
