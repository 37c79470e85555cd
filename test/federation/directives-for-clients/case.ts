import { print, type GraphQLResolveInfo } from 'graphql';
import type { FederationCase } from '../../kit/federation-case.ts';

/** A value, and what the department was told about it. */
function told(value: string) {
  return (
    _source: unknown,
    _arguments: unknown,
    _context: unknown,
    { fieldNodes, operation }: GraphQLResolveInfo,
  ): string => {
    const directives = [...(operation.directives ?? []), ...fieldNodes.flatMap((node) => node.directives ?? [])];
    return [value, ...directives.map((directive) => print(directive))].join(' ');
  };
}

export default {
  about: 'A directive that departments compose for clients',
  resolvers: {
    prices: {
      Query: { offers: () => [{ id: '1' }] },
      Offer: { price: told('cheap'), seller: () => ({}) },
      Seller: { name: told('Ann'), town: told('Ghent') },
    },
    reviews: { Offer: { review: told('good') } },
  },
  operations: [
    {
      about: 'reaches each department with the field it stands at, and with its defaults',
      query: '{ offers { price @shout review @shout(times: 3, tone: GLAD) } }',
      answer: {
        data: {
          offers: [{ price: 'cheap @shout(times: 1)', review: 'good @shout(times: 3, tone: GLAD)' }],
        },
      },
      apolloIsWrong: 'does not know the directive',
    },
    {
      about: 'takes variables',
      query: `query ($times: Int!, $tone: Tone, $language: String) {
        offers { review(language: $language) @shout(times: $times, tone: $tone) @include(if: true) }
      }`,
      variables: { times: 2, tone: 'CROSS' },
      answer: { data: { offers: [{ review: 'good @shout(times: $times, tone: $tone)' }] } },
      apolloIsWrong: 'does not know the directive',
    },
    {
      about: 'holds for the name that the client gave it, and for no other',
      query: `{
        offers { loud: price @shout price ...Rest id @shout other: id }
      }
      fragment Rest on Offer { seller @shout { name @shout } seller { name town } quiet: price }`,
      answer: {
        data: {
          offers: [
            {
              loud: 'cheap @shout(times: 1)',
              price: 'cheap',
              seller: { name: 'Ann @shout(times: 1)', town: 'Ghent' },
              quiet: 'cheap',
              id: '1',
              other: '1',
            },
          ],
        },
      },
      apolloIsWrong: 'does not know the directive',
    },
    {
      about: 'may stand at the operation',
      query: 'query @shout(times: 5) { offers { price review } }',
      answer: { data: { offers: [{ price: 'cheap @shout(times: 5)', review: 'good @shout(times: 5)' }] } },
      apolloIsWrong: 'does not know the directive',
    },
    {
      about: 'is checked like any other',
      query: '{ offers { price @shout(times: "x") @whisper } }',
      answer: {
        errors: [
          { message: 'Unknown directive "@whisper".' },
          { message: 'Int cannot represent non-integer value: "x"' },
        ],
      },
      apolloIsWrong: 'does not know the directive',
    },
    {
      about: 'is shown to clients, with the types of its arguments',
      query: '{ __schema { directives { name } } __type(name: "Tone") { enumValues { name } } }',
      answer: {
        data: {
          __schema: {
            directives: ['shout', 'include', 'skip', 'deprecated', 'specifiedBy', 'oneOf', 'purpose'].map((name) => ({
              name,
            })),
          },
          __type: { enumValues: [{ name: 'GLAD' }, { name: 'CROSS' }] },
        },
      },
      apolloIsWrong: 'does not know the directive',
      plainOnly: 'introspection is answered by the schema itself',
    },
  ],
} satisfies FederationCase;
