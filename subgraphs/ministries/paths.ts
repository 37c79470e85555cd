/** The port that the ministries listen on unless `PORT` says otherwise. */
export const MINISTRIES_PORT = 4120;

/** The name of the register of indicators among the subgraphs. */
export const CATALOGUE = 'catalogue';

/** The name of the subgraph of what several departments assert of a place. */
export const CLAIMS = 'economies-claims';

/** Where a subgraph answers, behind the program's own address: `/petroleum/graphql`. */
export function subgraphPath(name: string): string {
  return `/${name}/graphql`;
}
