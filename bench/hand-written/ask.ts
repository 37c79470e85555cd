import { Pool } from 'undici';

/** Sends one GraphQL request to a subgraph and gives its `data`. */
export type Ask = <Data>(subgraph: string, query: string, variables?: object) => Promise<Data>;

/** A reference as it is sent in `_entities`. */
export interface Reference {
  __typename: string;
  [field: string]: unknown;
}

/** Asks over kept connections: what someone in a hurry, who knows undici, would write. */
export function createAsk(urls: Readonly<Record<string, string>>): Ask {
  const pools = new Map(
    Object.entries(urls).map(([name, url]) => {
      const { origin, pathname } = new URL(url);
      return [name, { path: pathname, pool: new Pool(origin, { connections: 128 }) }];
    }),
  );
  const headers = { 'content-type': 'application/json' };
  return async <Data>(subgraph: string, query: string, variables?: object): Promise<Data> => {
    const { path, pool } = pools.get(subgraph)!;
    const { body } = await pool.request({ method: 'POST', path, headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = JSON.parse(await body.text()) as { data: Data; errors?: { message: string }[] };
    if (errors?.[0]) throw new Error(errors[0].message);
    return data;
  };
}

/** Asks a subgraph for entities, in the order of their references. */
export async function askEntities<Item>(
  ask: Ask,
  subgraph: string,
  fragment: string,
  representations: readonly Reference[],
): Promise<Item[]> {
  const query = `query($representations:[_Any!]!){_entities(representations:$representations){${fragment}}}`;
  const { _entities } = await ask<{ _entities: Item[] }>(subgraph, query, { representations });
  return _entities;
}
