import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, Source, type DocumentNode } from 'graphql';
import { YamlFile } from '../manifest/yaml-file.ts';
import { StartError } from '../program.ts';
import type { Resolvers } from '../sdl-files.ts';
import type { Department } from '../subgraph.ts';
import { checkFacts } from './check-facts.ts';
import { factManifestSchema, type FactManifest } from './fact-manifest.ts';
import { factsResolvers } from './facts-resolvers.ts';
import { factsSdl } from './facts-sdl.ts';
import { GraphTypes } from './graph-types.ts';

/** A subgraph that has no data of its own: it makes facts of what departments assert. */
export interface FactsSubgraph {
  readonly manifest: FactManifest;
  readonly sdl: string;
  readonly resolvers: Resolvers;
}

/**
 * Reads a fact manifest and makes its subgraph.
 *
 * @param schemas SDLs of departments by name, beside those that the manifest names files of
 * @throws StartError with every mistake, each with file, line and column
 */
export function readFacts(file: URL, schemas: ReadonlyMap<string, string> = new Map()): FactsSubgraph {
  const path = fileURLToPath(file);
  const yaml = new YamlFile(path);
  const manifest = yaml.check(factManifestSchema, yaml.content);
  const documents = new Map([...schemas].map(([name, sdl]) => [name, parseSdl(sdl, name)]));
  for (const [name, schema] of Object.entries(manifest.departments))
    documents.set(name, readSchema(resolve(dirname(path), schema), yaml.place(['departments', name])));
  const graph = new GraphTypes(documents);
  const facts = checkFacts(manifest, yaml, graph);
  return { manifest, sdl: factsSdl(facts, graph), resolvers: factsResolvers(facts) };
}

/** A department by its fact manifest. @throws StartError as {@link readFacts} */
export function factsFrom(file: URL): Department {
  const { manifest, sdl, resolvers } = readFacts(file);
  return {
    name: manifest.department,
    port: manifest.port,
    sdl,
    open: () => Promise.resolve({ resolvers, createContext: () => ({}), close: () => Promise.resolve() }),
  };
}

/** Whether a manifest is one of facts. */
export function isFactManifest(file: URL): boolean {
  const { content } = new YamlFile(fileURLToPath(file));
  return typeof content === 'object' && content !== null && 'facts' in content;
}

function readSchema(path: string, place: string): DocumentNode {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`${place}: the schema cannot be read: ${(error as Error).message}`);
  }
  return parseSdl(text, path);
}

function parseSdl(text: string, origin: string): DocumentNode {
  try {
    return parse(new Source(text, origin));
  } catch (error) {
    throw new StartError(`${origin} is no schema: ${(error as Error).message}`);
  }
}
