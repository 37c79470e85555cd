import { articles, opinions, people, shippingEstimate, type Article, type Opinion, type Person } from './heavy-data.ts';
import { FEDERATION_LINK, type BenchSubgraph, type Entity, type Representation, type Workload } from './workload.ts';

type Open = { __typename: string; [field: string]: Entity[string] };

function byKey(key: string, entities: readonly Entity[]): (representation: Representation) => Entity | null {
  const found = new Map(entities.map((entity) => [entity[key], entity]));
  return (representation) => found.get(representation[key] as string) ?? null;
}

function accounts(): BenchSubgraph {
  const users = people.map((person) => ({ __typename: 'User', ...person }));
  return {
    name: 'accounts',
    sdl: `${FEDERATION_LINK}
      type Query { users: [User!]! }
      type User @key(fields: "id") { id: ID! username: String! name: String! }`,
    roots: { users: () => users },
    entities: { User: byKey('id', users) },
    classes: { 'User.username': 'personal', 'User.name': 'personal' },
  };
}

function products(): BenchSubgraph {
  const goods = articles.map(({ upc, name, price, weight }) => ({ __typename: 'Product', upc, name, price, weight }));
  return {
    name: 'products',
    sdl: `${FEDERATION_LINK}
      type Query { topProducts(first: Int = 5): [Product!]! }
      type Product @key(fields: "upc") { upc: ID! name: String! price: Int! weight: Int! }`,
    roots: { topProducts: ({ first }) => goods.slice(0, typeof first === 'number' ? first : 5) },
    entities: { Product: byKey('upc', goods) },
  };
}

function reviews(): BenchSubgraph {
  const users = people.map(({ id }): Open => ({ __typename: 'User', id }));
  const goods = articles.map(({ upc }): Open => ({ __typename: 'Product', upc }));
  const texts = opinions.map(({ id, body, personId, upc }) => ({
    __typename: 'Review',
    id,
    body,
    author: users.find((user) => user['id'] === personId)!,
    product: goods.find((product) => product['upc'] === upc)!,
  }));
  for (const user of users) user['reviews'] = texts.filter(({ author }) => author === user);
  for (const product of goods) product['reviews'] = texts.filter((text) => text.product === product);
  return {
    name: 'reviews',
    sdl: `${FEDERATION_LINK}
      type Review { id: ID! body: String! author: User! product: Product! }
      type User @key(fields: "id") { id: ID! reviews: [Review!]! }
      type Product @key(fields: "upc") { upc: ID! reviews: [Review!]! }`,
    entities: { User: byKey('id', users), Product: byKey('upc', goods) },
  };
}

function inventory(): BenchSubgraph {
  const known = new Map<string, Entity>();
  const find = ({ upc, price, weight }: Representation): Entity | null => {
    const reference = `${String(upc)} ${String(price)} ${String(weight)}`;
    const entity = known.get(reference) ?? stockOf(String(upc), price, weight);
    if (entity) known.set(reference, entity);
    return entity;
  };
  return {
    name: 'inventory',
    sdl: `${FEDERATION_LINK}
      type Product @key(fields: "upc") {
        upc: ID!
        price: Int! @external
        weight: Int! @external
        inStock: Boolean!
        shippingEstimate: Int! @requires(fields: "price weight")
      }`,
    entities: { Product: find },
  };
}

function stockOf(upc: string, price: unknown, weight: unknown): Entity | null {
  const article = articles.find((candidate) => candidate.upc === upc);
  if (!article) return null;
  const estimate = typeof price === 'number' && typeof weight === 'number' ? shippingEstimate(price, weight) : null;
  return { __typename: 'Product', upc, inStock: article.inStock, shippingEstimate: estimate };
}

const query = `query Shop {
  users {
    ...Person
    reviews { ...Text product { ...Article reviews { ...Text author { ...Person reviews { ...Text product { ...Article } } } } } }
  }
  topProducts(first: 5) {
    ...Article
    reviews { ...Text author { ...Person reviews { ...Text product { ...Article } } } }
  }
}
fragment Person on User { id username name }
fragment Text on Review { id body }
fragment Article on Product { inStock name price shippingEstimate upc weight }
`;

const person = ({ id, username, name }: Person) => ({ id, username, name });
const text = ({ id, body }: Opinion) => ({ id, body });
const article = ({ inStock, name, price, upc, weight }: Article) => ({
  inStock,
  name,
  price,
  shippingEstimate: shippingEstimate(price, weight),
  upc,
  weight,
});
const articleOf = ({ upc }: Opinion) => articles.find((candidate) => candidate.upc === upc)!;
const authorOf = ({ personId }: Opinion) => people.find(({ id }) => id === personId)!;
const by = ({ id }: Person) => opinions.filter(({ personId }) => personId === id);
const about = ({ upc }: Article) => opinions.filter((opinion) => opinion.upc === upc);

const authorWithReviews = (opinion: Opinion) => ({
  ...person(authorOf(opinion)),
  reviews: by(authorOf(opinion)).map((own) => ({ ...text(own), product: article(articleOf(own)) })),
});
const reviewedArticle = (subject: Article) => ({
  ...article(subject),
  reviews: about(subject).map((opinion) => ({ ...text(opinion), author: authorWithReviews(opinion) })),
});

/** Few entities at very many places, three hops deep: 80 to 90 KB. */
export const heavy: Workload = {
  name: 'heavy',
  title: 'four subgraphs, three hops, heavily repeated entities',
  subgraphs: [accounts(), products(), reviews(), inventory()],
  query,
  answer: () => ({
    users: people.map((user) => ({
      ...person(user),
      reviews: by(user).map((opinion) => ({ ...text(opinion), product: reviewedArticle(articleOf(opinion)) })),
    })),
    topProducts: articles.map(reviewedArticle),
  }),
};
