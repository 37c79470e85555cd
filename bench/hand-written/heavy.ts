import { askEntities, type Ask } from './ask.ts';

interface Review {
  author: User;
  product: Product;
}

interface User {
  id: string;
  reviews?: Review[];
}

interface Product {
  upc: string;
  price?: number;
  weight?: number;
  reviews?: Review[];
}

const OWN_REVIEWS = 'reviews{id body product{upc}}';
const ABOUT = `reviews{id body author{id ${OWN_REVIEWS}}}`;

/** The sixteen fetches of Apollo's plan; each asks for an entity once, however often it occurs. */
export async function answerHeavy(ask: Ask): Promise<unknown> {
  const [users, topProducts] = await Promise.all([askUsers(ask), askTopProducts(ask)]);
  return { users, topProducts };
}

async function askUsers(ask: Ask): Promise<User[]> {
  const { users } = await ask<{ users: User[] }>('accounts', '{users{id username name}}');
  const references = users.map(({ id }) => ({ __typename: 'User', id }));
  const fragment = `... on User{reviews{id body product{upc ${ABOUT}}}}`;
  const written = await askEntities<User>(ask, 'reviews', fragment, references);
  users.forEach((user, place) => Object.assign(user, written[place]));
  const products = reviewsOf(users).map(({ product }) => product);
  const authors = reviewsOf(products).map(({ author }) => author);
  const others = reviewsOf(authors).map(({ product }) => product);
  await Promise.all([fillProducts(ask, products), fillUsers(ask, authors), fillProducts(ask, others)]);
  return users;
}

async function askTopProducts(ask: Ask): Promise<Product[]> {
  const { topProducts } = await ask<{ topProducts: Product[] }>(
    'products',
    '{topProducts(first:5){upc name price weight}}',
  );
  const askReviews = async (): Promise<void> => {
    const references = topProducts.map(({ upc }) => ({ __typename: 'Product', upc }));
    const reviewed = await askEntities<Product>(ask, 'reviews', `... on Product{${ABOUT}}`, references);
    topProducts.forEach((product, place) => Object.assign(product, reviewed[place]));
    const authors = reviewsOf(topProducts).map(({ author }) => author);
    const products = reviewsOf(authors).map(({ product }) => product);
    await Promise.all([fillUsers(ask, authors), fillProducts(ask, products)]);
  };
  await Promise.all([askReviews(), fillStock(ask, topProducts, 'inStock shippingEstimate')]);
  return topProducts;
}

function reviewsOf(owners: readonly { reviews?: Review[] }[]): Review[] {
  return owners.flatMap(({ reviews }) => reviews ?? []);
}

async function fillUsers(ask: Ask, users: readonly User[]): Promise<void> {
  const ids = [...new Set(users.map(({ id }) => id))];
  const references = ids.map((id) => ({ __typename: 'User', id }));
  const found = await askEntities<object>(ask, 'accounts', '... on User{username name}', references);
  const byId = new Map(ids.map((id, place) => [id, found[place]]));
  for (const user of users) Object.assign(user, byId.get(user.id));
}

async function fillProducts(ask: Ask, products: readonly Product[]): Promise<void> {
  const fillDetails = async (): Promise<void> => {
    const upcs = [...new Set(products.map(({ upc }) => upc))];
    const references = upcs.map((upc) => ({ __typename: 'Product', upc }));
    const found = await askEntities<object>(ask, 'products', '... on Product{name price weight}', references);
    const byUpc = new Map(upcs.map((upc, place) => [upc, found[place]]));
    for (const product of products) Object.assign(product, byUpc.get(product.upc));
    await fillStock(ask, products, 'shippingEstimate');
  };
  await Promise.all([fillDetails(), fillStock(ask, products, 'inStock')]);
}

async function fillStock(ask: Ask, products: readonly Product[], fields: string): Promise<void> {
  const byUpc = new Map(products.map((product) => [product.upc, product]));
  const references = [...byUpc.values()].map(({ upc, price, weight }) => ({
    __typename: 'Product',
    upc,
    price,
    weight,
  }));
  const found = await askEntities<object>(ask, 'inventory', `... on Product{${fields}}`, references);
  const stock = new Map([...byUpc.keys()].map((upc, place) => [upc, found[place]]));
  for (const product of products) Object.assign(product, stock.get(product.upc));
}
