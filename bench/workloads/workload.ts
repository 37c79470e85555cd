/** An object as a subgraph holds it: its fields are leaves, objects, lists of these, or null. */
export interface Entity {
  readonly __typename: string;
  readonly [field: string]: FieldValue;
}

/** What a field of an {@link Entity} holds. */
export type FieldValue = string | number | boolean | null | Entity | readonly FieldValue[];

/** Arguments or variables by name. */
export type Values = Readonly<Record<string, unknown>>;

/** A reference to an entity as a gateway sends it: `__typename`, a key, and what `@requires` names. */
export type Representation = Readonly<Record<string, unknown>> & { readonly __typename: string };

/** One subgraph of a workload: what it publishes and what it answers with. */
export interface BenchSubgraph {
  readonly name: string;
  readonly sdl: string;
  /** Fields of `Query`; each gives the value for its arguments. */
  readonly roots?: Readonly<Record<string, (values: Values) => FieldValue>>;
  /** Entity types; each finds the entity a representation refers to. */
  readonly entities?: Readonly<Record<string, (representation: Representation) => Entity | null>>;
  /** How long the n-th request (from 0) waits before it is answered. Default: not at all. */
  readonly delayMs?: (n: number) => number;
  /**
   * Whether the same entity is the same object each time, so that its text may be kept and sent again.
   * Default: true.
   */
  readonly isFixed?: boolean;
  /** Access classes, by `Type.field`, where rules are gone by. Default: none. */
  readonly classes?: Readonly<Record<string, string>>;
}

/** A small federation, the one operation it is asked, and the answer that is right. */
export interface Workload {
  readonly name: string;
  /** One line for a reader: what kind of work it is. */
  readonly title: string;
  readonly subgraphs: readonly BenchSubgraph[];
  readonly query: string;
  /** Variables of the n-th request (from 0). Left out: the operation has none, and every request is the same. */
  readonly variables?: (n: number) => Values;
  /** How many clients ask at a time. Default: as many as the command says. */
  readonly connections?: number;
  /** The `data` of the right answer, worked out from the data without any GraphQL. */
  readonly answer: (variables: Values) => unknown;
}

/** The head every subgraph's SDL begins with. */
export const FEDERATION_LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@external", "@requires", "@shareable"])';

/** Body of the n-th request as a client would send it. */
export function requestBody({ query, variables }: Workload, n: number): string {
  return JSON.stringify(variables ? { query, variables: variables(n) } : { query });
}
