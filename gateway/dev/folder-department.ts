import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { departmentFrom } from '../../subgraphs/kit/manifest/manifest-department.ts';
import { explainStartError } from '../../subgraphs/kit/program.ts';
import type { Environment } from '../../subgraphs/kit/settings.ts';
import { serveDepartment } from '../../subgraphs/kit/subgraph.ts';
import type { SubgraphSource } from '../supergraph/composition.ts';

/** A department that answers. */
export interface ServedDepartment {
  subgraph: SubgraphSource;
  close(): Promise<void>;
}

const MANIFEST = 'department.yaml';

/** Kinds of sources whose file is data that changes while it is served. */
const KINDS_OF_LIVE_FILES = new Set(['sqlite']);

/** What is looked at of a manifest that may be wrong. */
interface WrittenManifest {
  schema?: unknown;
  source?: Record<string, unknown>;
}

/** A folder with a department's manifest, as it is at each moment. */
export class FolderDepartment {
  /** As it was named. */
  readonly folder: string;
  readonly #manifest: string;
  readonly #here: string;

  /**
   * @param folder the folder of a `department.yaml`, or that file
   * @param here where whoever is told of files stands
   */
  constructor(folder: string, here: string) {
    this.#here = here;
    const isFile = path.basename(folder) === MANIFEST;
    this.folder = isFile ? path.dirname(folder) : folder;
    this.#manifest = path.resolve(this.folder, MANIFEST);
  }

  /** What tells one state of its files from another: manifest, SDL, and what documents the source has. */
  signature(): string {
    return [this.#manifest, ...this.#otherFiles()].map(signatureOf).join('\n');
  }

  /**
   * Serves it as it is now, on any free port.
   * @throws StartError where it cannot be, with file and line
   */
  async serve(env: Environment): Promise<ServedDepartment> {
    const department = departmentFrom(pathToFileURL(this.#manifest));
    const near = path.relative(this.#here, this.#schema());
    const origin = near.startsWith('..') ? this.#schema() : near;
    const own = { ...env, PORT: '0', HOST: '127.0.0.1', GATEWAY_KEYS: undefined };
    const served = await serveDepartment(department, own);
    const sdl = sdlFiles(this.#schema())
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    return {
      subgraph: { name: department.name, routingUrl: served.url, sdl, origin },
      close: () => served.close(),
    };
  }

  #content(): WrittenManifest {
    try {
      return (parseYaml(readFileSync(this.#manifest, 'utf8')) ?? {}) as WrittenManifest;
    } catch {
      // What is wrong with it is said when it is served.
      return {};
    }
  }

  #schema(): string {
    const { schema } = this.#content();
    return path.resolve(this.folder, typeof schema === 'string' ? schema : 'schema.graphql');
  }

  #otherFiles(): string[] {
    const { source = {} } = this.#content();
    const named = Object.values(source).filter((value) => typeof value === 'string' && !value.includes('://'));
    const documents = KINDS_OF_LIVE_FILES.has(String(source['kind'])) ? [] : (named as string[]);
    const found = documents.map((name) => path.resolve(this.folder, name)).filter((file) => isFile(file));
    return [...sdlFiles(this.#schema()), ...found];
  }
}

/** What kept a department from being served, in words of its owner. */
export function whyNotServed(error: unknown): string {
  return explainStartError(error);
}

function sdlFiles(schema: string): string[] {
  try {
    if (!statSync(schema).isDirectory()) return [schema];
    const names = readdirSync(schema).filter((name) => name.endsWith('.graphql'));
    return names.toSorted().map((name) => path.join(schema, name));
  } catch {
    return [schema];
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function signatureOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${file} ${found.ino} ${found.size} ${found.mtimeMs}` : `${file} is not there`;
}
