import { request } from 'undici';
import { isInProcess } from '../fetch/transports.ts';
import type { Config } from '../config/config.ts';
import type { SubgraphSource } from '../supergraph/composition.ts';

/** A department that is there says so at once. */
const PROBE_TIMEOUT_MS = 2_000;

/** Departments of the graph, by whether anybody answers where they are asked. */
export interface FoundDepartments {
  running: SubgraphSource[];
  missing: SubgraphSource[];
}

/** Looks which departments answer. Those in the gateway's own process are there. */
export async function findRunning(
  subgraphs: readonly SubgraphSource[],
  { subgraphs: settings }: Pick<Config, 'subgraphs'>,
): Promise<FoundDepartments> {
  const answers = await Promise.all(
    subgraphs.map(({ name, routingUrl }) =>
      isInProcess(routingUrl, settings[name])
        ? Promise.resolve(true)
        : answersAt(settings[name]?.routingUrl ?? routingUrl),
    ),
  );
  return {
    running: subgraphs.filter((_, at) => answers[at]),
    missing: subgraphs.filter((_, at) => !answers[at]),
  };
}

/** Whatever it answers, somebody is there. */
async function answersAt(url: string): Promise<boolean> {
  try {
    const { body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    await body.dump();
    return true;
  } catch {
    return false;
  }
}
