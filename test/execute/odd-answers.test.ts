import { afterEach, expect, test } from 'vitest';
import { federate, type SmallFederation } from '../kit/federation.ts';

const scales = {
  sdl: 'type Query { parcels: [Parcel!]! } type Parcel @key(fields: "id") { id: ID! kilograms: Float tonnes: Float! }',
  resolvers: { Query: { parcels: () => [1, 2].map((id) => ({ id, kilograms: id * 10, tonnes: id / 100 })) } },
};
const post = {
  sdl: 'type Parcel @key(fields: "id") { id: ID! stamp: String }',
  resolvers: { Parcel: { stamp: ({ id }: { id: string }) => `stamp ${id}` } },
};

let federation: SmallFederation;
afterEach(() => federation.close());

/** Serves both, with another answer of one of them. */
async function serveWith(service: string, body: string, usePrograms: boolean): Promise<void> {
  const tamper = (given: Buffer, { template }: { template: { service: string } }): Buffer =>
    template.service === service ? Buffer.from(body) : given;
  federation = await federate({ scales, post }, { usePrograms, tamper });
}

const ways = [
  { way: 'a program', usePrograms: true },
  { way: 'the plain way', usePrograms: false },
];

const WRONG_ENTITIES = [
  { what: 'fewer entities than were asked for', entities: '[{"stamp":"one"}]' },
  { what: 'more entities than were asked for', entities: '[{"stamp":"one"},{"stamp":"two"},{"stamp":"three"}]' },
  { what: 'something else in place of entities', entities: '{"0":{"stamp":"one"},"length":2}' },
];

for (const { way, usePrograms } of ways) {
  for (const { what, entities } of WRONG_ENTITIES)
    test(`${what}: ${way} takes none of them, for nobody can tell which is which`, async () => {
      await serveWith('post', `{"data":{"_entities":${entities}}}`, usePrograms);
      expect(await federation.ask('{ parcels { id stamp } }')).toMatchObject({
        data: {
          parcels: [
            { id: '1', stamp: null },
            { id: '2', stamp: null },
          ],
        },
        errors: [0, 1].map((index) => ({
          path: ['parcels', index],
          extensions: { code: 'SUBREQUEST_MALFORMED_RESPONSE', service: 'post' },
        })),
      });
    });

  test(`a number that no double holds: ${way} gives an error, not infinity`, async () => {
    const parcel = '{"kilograms":1e400,"tonnes":0.5}';
    await serveWith('scales', `{"data":{"parcels":[${parcel}]}}`, usePrograms);
    expect(await federation.ask('{ parcels { kilograms tonnes } }')).toMatchObject({
      data: { parcels: [{ kilograms: null, tonnes: 0.5 }] },
      errors: [{ path: ['parcels', 0, 'kilograms'], extensions: { code: 'INVALID_VALUE' } }],
    });
  });
}
