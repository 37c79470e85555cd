import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { SubgraphSource } from './composition.ts';
import { introspect } from './introspect.ts';

/**
 * `supergraph.yaml`, in the format of `rover supergraph compose`.
 * @see https://www.apollographql.com/docs/rover/commands/supergraphs#yaml-configuration-file
 */
const supergraphConfigSchema = z.strictObject({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z.string(),
    z.strictObject({
      routing_url: z.url().optional(),
      schema: z.union([z.strictObject({ file: z.string() }), z.strictObject({ subgraph_url: z.url() })]),
    }),
  ),
});

/** Something in `supergraph.yaml`, or in what it points to, that the user must mend. */
export class SupergraphConfigError extends Error {
  override name = 'SupergraphConfigError';
}

/**
 * Reads `supergraph.yaml` and the subgraph SDLs it names, from files (relative to it) or running subgraphs.
 * @throws SupergraphConfigError that says what is wrong in which file
 */
export async function readSubgraphs(file: string): Promise<SubgraphSource[]> {
  const config = parseConfig(file, await readText(file, 'the supergraph configuration'));
  return Promise.all(
    Object.entries(config.subgraphs).map(async ([name, { routing_url: routingUrl, schema }]) => {
      if ('file' in schema) {
        if (!routingUrl)
          throw new SupergraphConfigError(`${file}: subgraph ${name} needs a routing_url, as its schema is a file.`);
        const origin = path.join(path.dirname(file), schema.file);
        return { name, routingUrl, origin, sdl: await readText(origin, `the schema of subgraph ${name}`) };
      }
      const url = schema.subgraph_url;
      const sdl = await introspect(url).catch((error: unknown) => {
        const message = `Subgraph ${name} at ${url} did not give its schema: ${(error as Error).message}`;
        throw new SupergraphConfigError(message, { cause: error });
      });
      return { name, routingUrl: routingUrl ?? url, origin: url, sdl };
    }),
  );
}

function parseConfig(file: string, text: string): z.infer<typeof supergraphConfigSchema> {
  let content: unknown;
  try {
    content = parseYaml(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new SupergraphConfigError(`${file}:${error.linePos?.[0].line ?? 1}: ${error.message}`, { cause: error });
  }
  const checked = supergraphConfigSchema.safeParse(content);
  if (!checked.success) throw new SupergraphConfigError(`${file}: ${z.prettifyError(checked.error)}`);
  return checked.data;
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SupergraphConfigError(`${file} (${what}) cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
