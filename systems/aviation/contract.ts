import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** The registry's OpenAPI document, as it is served. */
export type Contract = z.infer<typeof contract>;

/** What one operation takes in its query string, as JSON Schema, and which parameters are lists. */
export interface QueryContract {
  schema: object;
  /** Written in one parameter, separated by commas. */
  lists: string[];
}

const parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  schema: z.looseObject({ type: z.string() }),
});
const reference = z.object({ $ref: z.string() });
const contract = z.looseObject({
  paths: z.record(
    z.string(),
    z.object({ get: z.looseObject({ parameters: z.array(z.union([parameter, reference])) }) }),
  ),
  components: z.looseObject({ parameters: z.record(z.string(), parameter) }),
});

/** Reads `openapi.yaml`, from which the service also takes its own rules, so that the two cannot drift apart. */
export function readContract(): Contract {
  return contract.parse(parse(readFileSync(new URL('openapi.yaml', import.meta.url), 'utf8')));
}

/** The query string's rules of the operation at a path; parameters that are not in the document are refused. */
export function queryContract({ paths, components }: Contract, path: string): QueryContract {
  const parameters = (paths[path]?.get.parameters ?? [])
    .map((entry) => ('$ref' in entry ? components.parameters[String(entry.$ref).split('/').at(-1) ?? ''] : entry))
    .filter((entry) => entry?.in === 'query')
    .map((entry) => parameter.parse(entry));
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
      required: parameters.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: false,
    },
    lists: parameters.filter(({ schema }) => schema.type === 'array').map(({ name }) => name),
  };
}
