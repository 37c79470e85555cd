/** Departments for the registry's benchmark, shaped like those of the reference deployment: what each has, and what it adds to what others have. */

/** How many departments have their say about one thing that all of them know, such as an enterprise. */
const CIRCLE = 6;

const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible", "@tag"])

directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE

directive @cacheControl(
  maxAge: Int
  scope: CacheControlScope
  inheritMaxAge: Boolean
) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION

enum CacheControlScope @inaccessible {
  PUBLIC
  PRIVATE
}

"An amount and its currency."
type Money @shareable {
  amount: Float
  currency: String
}
`;

/**
 * The schema of a department: an entity of its own with what hangs on it, the entity of its circle, which the first of the circle
 * has and the others extend, and a place, which one department has and every tenth extends.
 *
 * @param number from 0 on
 * @param added a field that its entity has more
 */
export function departmentSdl(number: number, added = ''): string {
  const circle = Math.floor(number / CIRCLE);
  const isFirst = number % CIRCLE === 0;
  return `${HEAD}${ownTypes(number, circle, added)}
type Query {
  "One record of department ${number}."
  record${number}(id: ID!): Record${number}
  "Records in the order of their numbers."
  records${number}(first: Int = 20, after: ID, status: Status${number}): [Record${number}!]!
  ${isFirst ? `subject${circle}(code: ID!): Subject${circle}` : ''}
  ${number === 0 ? 'place(iso: ID!): Place' : ''}
}

"An enterprise, or a person, that several departments know."
type Subject${circle} @key(fields: "code") {
  code: ID!
  ${isFirst ? 'name: String\n  registeredOn: String' : ''}
  "What department ${number} keeps of it."
  records${number}(first: Int = 4): [Record${number}!] @access(class: "facts")
  figures${number}: Figures${number}
}

type Place @key(fields: "iso"${number % 10 === 0 ? '' : ', resolvable: false'}) {
  iso: ID!
  ${number === 0 ? 'name: String' : ''}
  ${number % 10 === 0 ? `records${number}InPlace: Int` : ''}
}
`;
}

function ownTypes(number: number, circle: number, added: string): string {
  return `
"What department ${number} keeps."
type Record${number} @key(fields: "id") @cacheControl(maxAge: 60) {
  "The number as the department writes it."
  id: ID!
  title: String @access(class: "facts")
  status: Status${number}
  subject: Subject${circle}
  place: Place
  openedOn: String
  closedOn: String
  amount: Money @access(class: "amounts")
  ${added}
  steps("How many at most." first: Int = 4): [Step${number}!] @access(class: "amount-rows") @cacheControl(inheritMaxAge: true)
}

"One step of a record."
type Step${number} {
  on: String
  what: String
  by: String @access(class: "names")
  cost: Money
  status: Status${number}
}

"Figures of many records."
type Figures${number} @key(fields: "group") {
  group: ID!
  records: Int!
  medianAmount: Float @access(class: "statistics")
  totalAmount: Float @access(class: "statistics")
}

enum Status${number} {
  OPEN
  WAITING
  CLOSED
}
`;
}
