import { z } from 'zod';
import { strictObject } from './strict-object.ts';

/**
 * What a manifest, `department.yaml`, may say: which system the department has, and how its rows become the types of its SDL.
 * What is right in itself is checked here; what must fit the SDL and the source, by `mapping.ts`.
 */

const name = z.string().min(1);
/** A regular expression over a whole text, as JavaScript has them, with the flag `u`. */
const pattern = z.string().transform((source, context) => {
  try {
    return new RegExp(`^(?:${source})$`, 'u');
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
/** `column`, or `column desc`. */
const orderBy = z.array(
  z
    .string()
    .regex(/\S/, 'must be a column, with "desc" behind it where the greatest come first')
    .transform((text) => {
      const [, column = text, direction] = /^(.+?) (asc|desc)$/s.exec(text) ?? [];
      return { column, descending: direction === 'desc' };
    }),
);
const plain = z.union([z.string(), z.number(), z.boolean()]);
const listLength = strictObject({
  /** What counts where the client does not say. Default: the SDL's default, else 20. */
  default: z.int().min(1).optional(),
  /** More is refused. */
  max: z.int().min(1).max(10_000).default(100),
  /** The argument that says how many. */
  argument: name.default('first'),
});

/** How arguments narrow a list. Default: the field of that name is equal to it. */
const listArguments = z.record(
  z.string(),
  strictObject({
    /** The column. Default: that of the field with the argument's name. */
    column: name.optional(),
    is: z.enum(['equals', 'contains', 'startsWith', 'atLeast', 'atMost']).default('equals'),
    pattern: pattern.optional(),
    says: z.string().optional(),
  }),
);

/** How a field is read, or where it leads. A text alone is the column. */
const fieldMapping = z.preprocess(
  (value) => (typeof value === 'string' ? { column: value } : value),
  strictObject({
    /** The column, where it is not called as the field is. */
    column: name.optional(),
    /** The texts of a number, by an example: `1.234,56`. */
    number: z.string().optional(),
    /** The texts of a day or a time, by their parts: `DD.MM.YYYY`. */
    date: z.string().optional(),
    /** What stands for true, and what for false. */
    true: z.union([plain, z.array(plain)]).optional(),
    false: z.union([plain, z.array(plain)]).optional(),
    /** What each value of the system is in the graph. */
    values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    /** What stands between the items of a list that is one text. */
    split: z.string().min(1).optional(),
    /** Blanks around a text do not count, and a text of nothing else is null. */
    trim: z.boolean().optional(),
    /** What stands for nothing: it is null, and leads nowhere. */
    none: z.union([plain, z.array(plain)]).optional(),
    /** What other columns must say for the value to be what the field means, such as its currency; else it does not fit. */
    when: z.record(name, plain).optional(),
    /** What counts in place of null. */
    otherwise: plain.optional(),
    /** The type of the one record that it leads to. */
    one: name.optional(),
    /** The type of the records that it leads to. */
    many: name.optional(),
    /** The column that leads there; or for each column there, the column here. */
    by: z.union([name, z.record(z.string(), name)]).optional(),
    orderBy: orderBy.optional(),
    first: listLength.optional(),
    arguments: listArguments.optional(),
    /** What a client may ask for by this field: anything else finds nothing where it is a key, and is refused where it is an argument. */
    pattern: pattern.optional(),
    /** What `pattern` stands for, in messages: "it must be …". */
    says: z.string().optional(),
  }),
);

const provenance = strictObject({
  /** Who publishes it. */
  source: z.string().optional(),
  /** The system it is read from. */
  system: z.string().optional(),
  /** Number of the record there. Default: its key. */
  recordId: z.string().optional(),
  /** The day or time that it describes. */
  asOf: z.string().optional(),
  /** How it came about: registered, measured, estimated. */
  method: z.string().optional(),
  quality: z.string().optional(),
  /** Whether it was made up. */
  synthetic: z.union([z.boolean(), z.string()]).optional(),
  licence: z.string().optional(),
});

const typeMapping = strictObject({
  /** The collection that its records are in: a table, a view, a file pattern. Left out: it is only led to. */
  from: name.optional(),
  /** What a record is that the collection does not have: null, or one with nothing in it but its key. */
  whenMissing: z.enum(['null', 'empty']).default('null'),
  fields: z.record(z.string(), fieldMapping).default({}),
  provenance: provenance.default({}),
});

const queryMapping = strictObject({
  /** A collection of the source in which the arguments are looked for and whose rows are the type's. Default: the type's own. */
  from: name.optional(),
  /** Default: by the type's first key. */
  orderBy: orderBy.optional(),
  first: listLength.optional(),
  arguments: listArguments.default({}),
});

const source = z.looseObject({ kind: z.string() });

export const manifestSchema = strictObject({
  /** The subgraph's name, as in `supergraph.yaml`. */
  department: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'must begin with a letter and have letters, digits, - and _'),
  title: z.string().optional(),
  /** Who answers for it. */
  owner: z.string().optional(),
  /** Where it listens, unless `PORT` says otherwise. */
  port: z.int().min(0).max(65_535),
  /** The SDL, or a folder of it, from here. */
  schema: name.default('schema.graphql'),
  /** What the system holds, as messages call it. Default: the title, else the name. */
  holds: z.string().optional(),
  /** What to do where there is nothing to read at the start, behind the message about it. */
  remedy: z.string().optional(),
  /**
   * The kind of system, and that kind's settings: see `source-kinds.ts`. Of several the first counts of which the environment has everything;
   * where there is none, the last.
   */
  source: z.union([source, z.array(source).min(1)]),
  provenance: provenance.default({}),
  types: z.record(z.string(), typeMapping),
  queries: z.record(z.string(), queryMapping).default({}),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type TypeMapping = z.infer<typeof typeMapping>;
export type FieldMapping = z.infer<typeof fieldMapping>;
export type QueryMapping = z.infer<typeof queryMapping>;
export type ProvenanceMapping = z.infer<typeof provenance>;
