/** A department as it will be written: what its SDL and its manifest have in common. */
export interface Draft {
  department: string;
  title: string;
  port: number;
  source: Readonly<Record<string, unknown>>;
  provenance: Readonly<Record<string, unknown>> | undefined;
  types: readonly DraftType[];
  /** Entities of the graph that records lead to. */
  entities: readonly DraftEntity[];
  enums: readonly DraftEnum[];
  queries: readonly DraftQuery[];
}

export interface DraftType {
  name: string;
  description: string;
  from: string;
  /** Names of fields. */
  keys: readonly (readonly string[])[];
  fields: readonly DraftField[];
  questions: readonly string[];
  /** What the manifest should be asked about the collection. */
  fromQuestions: readonly string[];
}

export interface DraftField {
  name: string;
  /** As SDL has it. */
  type: string;
  /** Arguments as SDL has them, without parentheses. */
  args?: string;
  description?: string | undefined;
  /** What the manifest says of it; undefined where it need not say anything. */
  mapping: Readonly<Record<string, unknown>> | undefined;
  questions: readonly string[];
}

/** A type of other departments that this one adds lists to. */
export interface DraftEntity {
  name: string;
  key: string;
  keyType: string;
  fields: readonly DraftField[];
}

export interface DraftEnum {
  name: string;
  values: readonly string[];
}

export interface DraftQuery {
  name: string;
  type: string;
  args: readonly { name: string; type: string; description?: string }[];
  description: string;
  mapping: Readonly<Record<string, unknown>> | undefined;
}

/** A column that leads to an entity of the graph: `country=Place.iso`. */
export interface Join {
  /** The collection's or type's name, where it is said: `wells.country=Place.iso`. */
  of: string | undefined;
  column: string;
  type: string;
  key: string;
}
