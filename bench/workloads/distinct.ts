import { FEDERATION_LINK, type BenchSubgraph, type Entity, type Workload } from './workload.ts';

/** Orders in one answer. */
const ORDERS = 20;
/** Lines of one order. */
const LINES = 3;

/** Every id is its own entity; what it holds follows from the id alone, so no store grows while the bench runs. */
const order = (id: number) => ({
  id: `o${id}`,
  placedOn: `2026-${pad(1 + (id % 12))}-${pad(1 + (id % 28))}`,
  total: (id * 37) % 9_000,
});
const customer = (id: number) => ({
  id: `c${id}`,
  name: `Customer ${id}`,
  email: `customer${id}@example.org`,
  town: `Town ${id % 97}`,
});
const line = (id: number) => ({ id: `l${id}`, quantity: 1 + (id % 5) });
const item = (id: number) => ({
  upc: `u${id}`,
  name: `Article ${id}`,
  price: ((id * 13) % 50_000) / 100,
  isNew: id % 3 === 0,
});
const maker = (id: number) => ({ id: `m${id}`, name: `Maker ${id}`, country: `Country ${id % 53}` });
const stock = (id: number) => ({ inStock: id % 4 !== 0, shelf: `S-${id % 1_000}` });

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

function numberIn(id: unknown): number {
  return Number(String(id).slice(1));
}

/** Between 2 and 20 ms, spread evenly, the same in every run. */
function delayFrom(offset: number): (n: number) => number {
  return (n) => 2 + (((n + offset) * 7) % 19);
}

function openOrder(id: number): Entity {
  const lines = Array.from({ length: LINES }, (_, nth) => ({
    __typename: 'Line',
    ...line(id * LINES + nth),
    item: { __typename: 'Item', upc: item(id * LINES + nth).upc },
  }));
  return { __typename: 'Order', ...order(id), customer: { __typename: 'Customer', id: customer(id).id }, lines };
}

function orderIds(from: unknown): number[] {
  return Array.from({ length: ORDERS }, (_, nth) => Number(from) + nth);
}

const orders: BenchSubgraph = {
  name: 'orders',
  sdl: `${FEDERATION_LINK}
    type Query { orders(from: Int!): [Order!]! }
    type Order { id: ID! placedOn: String! total: Int! customer: Customer! lines: [Line!]! }
    type Line { id: ID! quantity: Int! item: Item! }
    type Customer @key(fields: "id", resolvable: false) { id: ID! }
    type Item @key(fields: "upc", resolvable: false) { upc: ID! }`,
  roots: { orders: ({ from }) => orderIds(from).map(openOrder) },
  delayMs: delayFrom(0),
  isFixed: false,
};

const customers: BenchSubgraph = {
  name: 'customers',
  sdl: `${FEDERATION_LINK}
    type Customer @key(fields: "id") { id: ID! name: String! email: String! town: String! }`,
  entities: { Customer: ({ id }) => ({ __typename: 'Customer', ...customer(numberIn(id)) }) },
  classes: { 'Customer.name': 'personal', 'Customer.email': 'personal' },
  delayMs: delayFrom(5),
  isFixed: false,
};

const catalogue: BenchSubgraph = {
  name: 'catalogue',
  sdl: `${FEDERATION_LINK}
    type Item @key(fields: "upc") { upc: ID! name: String! price: Float! isNew: Boolean! maker: Maker! }
    type Maker @key(fields: "id", resolvable: false) { id: ID! }`,
  entities: {
    Item: ({ upc }) => {
      const id = numberIn(upc);
      return { __typename: 'Item', ...item(id), maker: { __typename: 'Maker', id: maker(id).id } };
    },
  },
  delayMs: delayFrom(11),
  isFixed: false,
};

const makers: BenchSubgraph = {
  name: 'makers',
  sdl: `${FEDERATION_LINK}
    type Maker @key(fields: "id") { id: ID! name: String! country: String! }`,
  entities: { Maker: ({ id }) => ({ __typename: 'Maker', ...maker(numberIn(id)) }) },
  delayMs: delayFrom(3),
  isFixed: false,
};

const warehouse: BenchSubgraph = {
  name: 'warehouse',
  sdl: `${FEDERATION_LINK}
    type Item @key(fields: "upc") { upc: ID! inStock: Boolean! shelf: String! }`,
  entities: { Item: ({ upc }) => ({ __typename: 'Item', upc: String(upc), ...stock(numberIn(upc)) }) },
  delayMs: delayFrom(14),
  isFixed: false,
};

const query = `query Orders($from: Int!) {
  orders(from: $from) {
    id placedOn total
    customer { id name email town }
    lines { id quantity item { upc name price isNew inStock shelf maker { id name country } } }
  }
}
`;

/** Requests that share nothing, and departments that take their time. */
export const distinct: Workload = {
  name: 'distinct',
  title: 'no entity twice, other variables in every request, subgraphs answer after 2 to 20 ms',
  subgraphs: [orders, customers, catalogue, makers, warehouse],
  query,
  // GraphQL's Int ends at 2^31: a hundred million requests fit.
  variables: (n) => ({ from: (n % 100_000_000) * ORDERS }),
  answer: ({ from }) => ({
    orders: orderIds(from).map((id) => ({
      ...order(id),
      customer: customer(id),
      lines: Array.from({ length: LINES }, (_, nth) => id * LINES + nth).map((lineId) => ({
        ...line(lineId),
        item: { ...item(lineId), ...stock(lineId), maker: maker(lineId) },
      })),
    })),
  }),
};
