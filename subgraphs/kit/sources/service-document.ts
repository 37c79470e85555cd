/** What a service says of itself: its operations, and the records that they give. */
export interface ServiceDocument {
  operations: readonly Operation[];
  operation(name: string): Operation | undefined;
  /** The operation that gives one of the records that another one lists, where that is plain. */
  beside(list: Operation): Operation | undefined;
  /** A schema as it is in full; those inside it are as they were, and become so by this again. */
  schema(given: unknown): JsonSchema;
}

/** A JSON Schema; other schemas in it may still be references. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What an operation is told. */
export interface Parameter {
  /** Of an element in others, with theirs before it and dots between. */
  name: string;
  in: 'path' | 'query' | 'body';
  isRequired: boolean;
  description: string | undefined;
  /** Of one value, where it takes several. */
  schema: JsonSchema;
  /** Undefined where it takes one value. */
  list: ListStyle | undefined;
}

/** How a parameter takes several values. */
export interface ListStyle {
  /** What stands between them; null where each has the parameter's name before it. */
  delimiter: string | null;
  maxItems: number | undefined;
}

/** What a service can be asked. */
export interface Operation {
  name: string;
  /** With parameters in braces, where it has a path of its own. */
  path: string;
  summary: string | undefined;
  parameters: readonly Parameter[];
  /** Of the body that it answers with; undefined where the document does not say. */
  answer: JsonSchema | undefined;
  /** Of the body where there is no such record: status 404. */
  absent: JsonSchema | undefined;
  /** Headers that the answer has, in lower case. */
  answerHeaders: readonly string[];
}
