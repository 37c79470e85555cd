import type { FederationCase } from '../../kit/federation-case.ts';

const given = (args: object) => [JSON.stringify(args)];
const args = (_: unknown, all: object) => given(all);
const note = (_: unknown, all: object) => JSON.stringify(all);

export default {
  about: 'Variables reach departments as the client meant them',
  resolvers: {
    search: { Query: { search: args, page: () => ({ id: 'p' }) } },
    notes: { Page: { note } },
  },
  operations: [
    {
      about: 'with a value',
      query: 'query ($text: String, $first: Int!) { search(text: $text, first: $first) }',
      variables: { text: 'tide "tables"', first: 1 },
      answer: { data: { search: ['{"text":"tide \\"tables\\"","first":1}'] } },
    },
    {
      about: 'absent, so that the argument’s default counts',
      query: 'query ($text: String) { search(text: $text) }',
      answer: { data: { search: ['{"text":"anything","first":2}'] } },
    },
    {
      about: 'null, which is no default',
      query: 'query ($text: String) { search(text: $text) }',
      variables: { text: null },
      answer: { data: { search: ['{"text":null,"first":2}'] } },
    },
    {
      about: 'absent, with a default of the operation’s own',
      query: 'query ($text: String = "tide", $first: Int = 7) { search(text: $text, first: $first) }',
      answer: { data: { search: ['{"text":"tide","first":7}'] } },
    },
    {
      about: 'null in place of a default of the operation’s own',
      query: 'query ($text: String = "tide") { search(text: $text) }',
      variables: { text: null },
      answer: { data: { search: ['{"text":null,"first":2}'] } },
    },
    {
      about: 'as a single value for a list, in an input object with defaults',
      query: 'query ($filter: Filter) { search(filter: $filter) }',
      variables: { filter: { years: 1999, note: null } },
      answer: {
        data: {
          search: ['{"text":"anything","first":2,"filter":{"years":[1999],"order":"NEWEST","note":null}}'],
        },
      },
    },
    {
      about: 'inside an object and a list of the operation’s text',
      query: `query ($year: Int!, $order: Order = OLDEST, $note: String) {
        search(filter: { years: [1990, $year], order: $order, note: $note })
      }`,
      variables: { year: 2000 },
      answer: {
        data: { search: ['{"text":"anything","first":2,"filter":{"years":[1990,2000],"order":"OLDEST"}}'] },
      },
    },
    {
      about: 'for fields of entities, each its own',
      query: `query ($language: String, $short: Boolean = true, $none: Boolean) {
        page { a: note(language: $language) b: note(shorten: $short) c: note(language: null, shorten: $none) }
      }`,
      variables: { language: 'nl' },
      answer: {
        data: {
          page: {
            a: '{"language":"nl"}',
            b: '{"language":"en","shorten":true}',
            c: '{"language":null}',
          },
        },
      },
    },
    {
      about: 'by a name that gateways use for their own',
      query: 'query ($representations: String) { page { note(language: $representations) } }',
      variables: { representations: 'nl' },
      answer: { data: { page: { note: '{"language":"nl"}' } } },
      apolloIsWrong: 'refuses that name',
    },
    {
      about: 'and a wrong one is refused before any department is asked',
      query: 'query ($first: Int!) { search(first: $first) }',
      variables: { first: 'two' },
      answer: {
        errors: [
          {
            message: 'Variable "$first" got invalid value "two"; Int cannot represent non-integer value: "two"',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      },
    },
    {
      about: 'and a missing one is refused before any department is asked',
      query: 'query ($first: Int!) { search(first: $first) }',
      answer: {
        errors: [
          {
            message: 'Variable "$first" of required type "Int!" was not provided.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      },
    },
  ],
} satisfies FederationCase;
