import { z } from 'zod';
import { strictObject } from '../manifest/strict-object.ts';

/**
 * What a fact manifest may say: which facts several departments assert, what each means by it, and how their claims are compared.
 * What is right in itself is checked here; what must fit the departments' schemas, by `check-facts.ts`.
 */

const name = z.string().min(1);
const sentence = z.string().regex(/^\S.*\.$/s, 'must be a sentence');
/** Keys of objects, from a record on: `headcounts.insured`. */
const path = z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, 'must be names of fields with dots between them');
const margin = strictObject({
  /** Part of the greater of the two values. */
  relative: z.number().min(0).max(1).default(0),
  /** In the fact's unit. */
  absolute: z.number().min(0).default(0),
});
const time = z
  .string()
  .regex(
    /^\d{4}(-\d{2}(-\d{2})?|-Q[1-4])?(\/\d{4}(-\d{2}(-\d{2})?|-Q[1-4])?)?$/,
    'must be a time such as "2015", "2000/2001" or "2026-09"',
  );

/** The time that a value speaks of. A text alone is the field that says it. */
const vintage = z.preprocess(
  (value) => (typeof value === 'string' ? { field: value } : value),
  strictObject({
    field: path.optional(),
    /** What counts where no field says it. */
    otherwise: time.optional(),
    /** How that is known, for people. */
    because: sentence.optional(),
  }).refine(({ otherwise, because }) => (otherwise === undefined) === (because === undefined), {
    message: 'a time that is given by hand needs a reason: `because`',
  }),
);

/** Where a value comes from; fields in braces stand for their values. */
const provenance = z.union([
  path,
  strictObject({
    source: z.string().optional(),
    system: z.string().optional(),
    recordId: z.string().optional(),
    asOf: z.string().optional(),
    method: z.string().optional(),
    quality: z.string().optional(),
    synthetic: z.union([z.boolean(), z.string()]).optional(),
    licence: z.string().optional(),
  }),
]);

const claim = strictObject({
  /** The subgraph that asserts it: it gives the field with the value. */
  department: name,
  /** What is asked of the fact's type to know it, as in `@requires`. */
  requires: name,
  /** The object that the claim is read from, from the fact's type on. Of a list the first that has a value. Default: the type itself. */
  record: path.optional(),
  /** Whether each object of the list is a claim. */
  each: z.boolean().default(false),
  /** The field with the value, from the record on. */
  value: path,
  /** For states: which of the fact's states a value is; `otherwise` stands for every value that is not named. */
  values: z.record(z.string(), z.string()).optional(),
  unit: z.string().min(1).optional(),
  /** What a value is multiplied by to be in the fact's unit. */
  factor: z.number().positive().optional(),
  /** What the department means: one of the fact's definitions. */
  definition: name,
  /** Where it means something else, by the key of the fact's type. */
  exceptions: z.record(z.string(), strictObject({ definition: name, because: sentence })).default({}),
  vintage: vintage.optional(),
  provenance,
});

const fact = strictObject({
  /** What it is called, such as `population`. */
  fact: z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'must be a name such as "lifeExpectancy"'),
  /** The type that it is a fact of: an entity of the graph. */
  of: name,
  /** The key that the claims' subgraph knows it by. Default: the first that a department has for it. */
  key: name.optional(),
  about: sentence,
  /** Exactly one of `number`, `text` and `states` says what values are and how they are compared. */
  number: strictObject({ unit: z.string().min(1), tolerance: margin, drift: margin.optional() }).optional(),
  text: strictObject({
    ignore: z.array(z.string().min(1)).default([]),
    words: z.record(z.string(), z.string()).default({}),
    contained: z.boolean().default(false),
  }).optional(),
  states: z.array(name).min(2).optional(),
  /** What departments mean by it, by an id. */
  definitions: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words with hyphens'), sentence),
  /** The department with the most authority first: the first that says something says the fact's value. */
  claims: z.array(claim).min(2),
}).refine((each) => [each.number, each.text, each.states].filter((kind) => kind !== undefined).length === 1, {
  message: 'must have exactly one of "number", "text" and "states"',
});

export const factManifestSchema = strictObject({
  /** The subgraph's name, as in `supergraph.yaml`. */
  department: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'must begin with a letter and have letters, digits, - and _'),
  title: z.string().optional(),
  /** Where it listens, unless `PORT` says otherwise. */
  port: z.int().min(0).max(65_535).default(0),
  /** The schemas of the departments that it takes claims from, by name: files, from here. */
  departments: z.record(z.string(), z.string()).default({}),
  facts: z.array(fact).min(1),
});

export type FactManifest = z.infer<typeof factManifestSchema>;
export type FactEntry = FactManifest['facts'][number];
export type ClaimEntry = FactEntry['claims'][number];
