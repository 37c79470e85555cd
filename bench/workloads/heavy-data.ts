/** The shop behind the heavy workload: five products, six people, fourteen reviews. */

/** A person as the accounts department holds it. */
export interface Person {
  id: string;
  username: string;
  name: string;
}

/** What is sold, with the stock the inventory department counts. */
export interface Article {
  upc: string;
  name: string;
  price: number;
  weight: number;
  inStock: boolean;
}

/** One person's words on one product. */
export interface Opinion {
  id: string;
  body: string;
  personId: string;
  upc: string;
}

export const people: readonly Person[] = [
  { id: 'p1', username: 'zoe', name: 'Zoë Lindqvist' },
  { id: 'p2', username: 'marek', name: 'Marek Novotný' },
  { id: 'p3', username: 'ines', name: 'Inês Carvalho' },
  { id: 'p4', username: 'tom', name: 'Tom Achterberg' },
  { id: 'p5', username: 'aiko', name: 'Aiko Shimada' },
  { id: 'p6', username: 'femi', name: 'Femi Adeyemi' },
];

export const articles: readonly Article[] = [
  { upc: 'lamp-01', name: 'Reading lamp', price: 64, weight: 900, inStock: true },
  { upc: 'desk-02', name: 'Standing desk', price: 1180, weight: 41000, inStock: false },
  { upc: 'mug-03', name: 'Enamel mug', price: 14, weight: 210, inStock: true },
  { upc: 'sofa-04', name: 'Corner sofa', price: 2350, weight: 78000, inStock: true },
  { upc: 'rug-05', name: 'Wool rug', price: 320, weight: 5200, inStock: false },
];

const WORDS = [
  'Stands well in a small room and has not moved since the day it came, although the floor is anything but even and two children run past it all day long.',
  'The parcel was late by a week; what was in it made up for the wait, and the colour is the one in the picture, neither paler nor darker than I had hoped.',
  'I have owned one like it for twenty years and bought this for my sister. She likes it, says it is "just right", and asks where she may find a second one.',
  'Good work for the money. The edges could be smoother, one screw was missing, and the shop sent another the same day with a note by hand and a small gift.',
];

/** Who wrote about what: one row a person, of places in {@link articles}. */
const WRITTEN = [
  [0, 1, 2],
  [1, 3],
  [0, 4],
  [2, 3, 4],
  [0, 3],
  [1, 4],
];

export const opinions: readonly Opinion[] = WRITTEN.flatMap((places, person) =>
  places.map((place, nth) => ({
    id: `r${person + 1}${nth + 1}`,
    body: `${WORDS[(person + place) % WORDS.length]!} ${WORDS[(person * 2 + nth + 1) % WORDS.length]!}`,
    personId: people[person]!.id,
    upc: articles[place]!.upc,
  })),
);

/** Dear goods travel free; the rest pays by weight. */
export function shippingEstimate(price: number, weight: number): number {
  return price > 1000 ? 0 : Math.round(weight * 0.5);
}
