import { afterEach, describe, expect, test } from 'vitest';
import { federate, type SmallFederation, type SmallFederationOptions, type SmallSubgraph } from '../kit/federation.ts';

const NAMES: Readonly<Record<string, string>> = { b1: 'Town hall', b2: 'Library' };
const LAMPS: Readonly<Record<string, number>> = { b1: 40, b2: 12 };

const buildings: SmallSubgraph = {
  sdl: `type Query { buildings(first: Int = 2): [Building!]! building(id: ID!): Building }
    type Building @key(fields: "id") { id: ID! name(in: String): String floors: Int }`,
  resolvers: {
    Query: {
      buildings: (_: unknown, { first }: { first: number }) => Object.keys(NAMES).slice(0, first).map(building),
      building: (_: unknown, { id }: { id: string }) => building({ id } as never),
    },
    Building: { __resolveReference: ({ id }: { id: string }) => building(id) },
  },
};
const works: SmallSubgraph = {
  sdl: `type Query { works: [Work!]! }
    type Work { title: String! at: Building! also: Building }
    type Building @key(fields: "id") { id: ID! }`,
  resolvers: {
    Query: { works: () => [work('Roof', 'b1', 'b2'), work('Door', 'b2', 'b1'), work('Hall', 'b1', 'b1')] },
  },
};
const energy: SmallSubgraph = {
  sdl: `type Query { dark: [Building!]! }
    type Building @key(fields: "id") { id: ID! floors: Int @external lamps: Int lampsAFloor: Float @requires(fields: "floors") }`,
  resolvers: {
    Query: { dark: () => [{ id: 'b2' }] },
    Building: {
      lamps: ({ id }: { id: string }) => LAMPS[id],
      lampsAFloor: ({ id, floors }: { id: string; floors: number }) => LAMPS[id]! / floors,
    },
  },
};

describe('a department is not asked for what it gave already', () => {
  let federation: SmallFederation;
  const ask = async (query: string, options: SmallFederationOptions = {}) => {
    federation = await federate({ buildings, works, energy }, options);
    const { data, errors } = (await federation.ask(query)) as { data: unknown; errors?: unknown };
    expect(errors).toBeUndefined();
    expect(federation.programAnswers()).toBe(1);
    return { data, asked: federation.requests.map(({ service, variables }) => [service, handedIn(variables)]) };
  };
  afterEach(() => federation.close());

  test('in a list at the root', async () => {
    const { data, asked } = await ask('{ buildings { id name floors } dark { id name floors } }');
    expect(data).toMatchObject({ dark: [{ id: 'b2', name: 'Library', floors: 3 }] });
    expect(asked).toEqual(
      expect.arrayContaining([
        ['buildings', []],
        ['energy', []],
      ]),
    );
    expect(asked).toHaveLength(2);
  });

  test('but for the entities that it did not give', async () => {
    const { data, asked } = await ask('{ buildings(first: 1) { id name } works { also { name } } }');
    expect(data).toMatchObject({ works: [{ also: { name: 'Library' } }, { also: { name: 'Town hall' } }, {}] });
    expect(asked).toContainEqual(['buildings', ['b2']]);
  });

  test('and is, where it was asked with another argument', async () => {
    const { data, asked } = await ask('{ buildings { id name(in: "de") } dark { name } }');
    expect(data).toMatchObject({ buildings: [{ name: 'Town hall de' }, {}], dark: [{ name: 'Library' }] });
    expect(asked).toContainEqual(['buildings', ['b2']]);
  });

  test('by a fetch that asks for more of the same entities', async () => {
    const energyAsked = Promise.withResolvers<void>();
    const { data, asked } = await ask('{ buildings { id floors lamps lampsAFloor } works { at { lamps } } }', {
      async intercept({ template: { service } }, next) {
        if (service === 'energy') energyAsked.resolve();
        if (service === 'works') await energyAsked.promise;
        return next();
      },
    });
    expect(data).toMatchObject({ works: [{ at: { lamps: 40 } }, { at: { lamps: 12 } }, { at: { lamps: 40 } }] });
    expect(asked.filter(([service]) => service === 'energy')).toEqual([['energy', ['b1', 'b2']]]);
  });

  test('nor for an entity that stands in several places', async () => {
    const { asked } = await ask('{ works { at { name } also { name } } }');
    const entities = asked.filter(([service]) => service === 'buildings').flatMap(([, ids]) => ids);
    expect(entities).toHaveLength(2);
    expect(new Set(entities)).toEqual(new Set(['b1', 'b2']));
  });
});

describe('fetches that begin together', () => {
  test('each ask for the same entities, however often these repeat, and get their own', async () => {
    const federation = await federate({ buildings, works, energy });
    const query = '{ works { at { name lamps } } }';
    const expected = {
      works: [
        { at: { name: 'Town hall', lamps: 40 } },
        { at: { name: 'Library', lamps: 12 } },
        { at: { name: 'Town hall', lamps: 40 } },
      ],
    };
    expect(await federation.ask(query)).toMatchObject({ data: expected });
    const [, ...entityRequests] = federation.requests;
    expect(new Map(entityRequests.map(({ service, variables }) => [service, handedIn(variables)]))).toEqual(
      new Map([
        ['buildings', ['b1', 'b2']],
        ['energy', ['b1', 'b2']],
      ]),
    );
    expect(entityRequests).toHaveLength(2);
    await federation.close();
  });

  test('ask for what repeats even after much did not', async () => {
    const many = Array.from({ length: 600 }, (_, nth) => work('New', `n${nth}`, 'b1'));
    let given = many;
    const growing = { ...works, resolvers: { Query: { works: () => given } } };
    const federation = await federate({ buildings, works: growing, energy });
    const query = '{ works { at { lamps } } }';
    const counts: number[] = [];
    for (let turn = 0; turn < 40; turn++) {
      if (turn === 4) given = Array.from({ length: 600 }, () => work('Again', 'b1', 'b1'));
      federation.requests.length = 0;
      await federation.ask(query);
      counts.push(handedIn(federation.requests.at(-1)!.variables).length);
    }
    expect(counts[0]).toBe(600);
    expect(counts.at(-1)).toBe(1);
    await federation.close();
  });
});

function building(id: string) {
  return {
    id,
    name: ({ in: language }: { in?: string }) => [NAMES[id], language].filter(Boolean).join(' '),
    floors: 3,
  };
}

function work(title: string, at: string, also: string) {
  return { title, at: { id: at }, also: { id: also } };
}

function handedIn({ representations = [] }: { representations?: { id: string }[] }): string[] {
  return representations.map(({ id }) => id);
}
