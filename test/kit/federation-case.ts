import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Resolvers } from '../../subgraphs/kit/sdl-files.ts';
import { composeSmall, type SmallSubgraph } from './federation.ts';

/**
 * A federation case as its `case.ts` exports it. Beside it in its folder:
 *
 * - `<subgraph>.graphql`: what a department published, without the federation `@link`, which is put before it; a file
 *   that begins with `schema` or `extend schema` brings its own (`schema { query: Query }` makes it Federation 1);
 * - `<subgraph>.served.graphql`: what that department really serves, where it is no longer what it published;
 * - `supergraph.graphql`: a supergraph written by hand, instead of the one that the subgraphs compose to.
 */
export interface FederationCase {
  /** The behaviour that the case shows, as a sentence. */
  about: string;
  /** Resolvers by subgraph; a function makes them anew, with the state that mutations change, for each federation. */
  resolvers?: CaseResolvers | (() => CaseResolvers);
  /** Subgraphs that cannot be reached. */
  down?: readonly string[];
  /** Whether `__schema` and `__type` may be asked. Default: true. */
  introspection?: boolean;
  /** Each stands alone: none counts on what one before it changed. */
  operations: readonly CaseOperation[];
}

export type CaseResolvers = Readonly<Record<string, Resolvers>>;

/** One operation and the one right answer to it. */
export interface CaseOperation {
  /** What it shows, as the rest of a sentence that begins with the case's own. */
  about: string;
  query: string;
  variables?: Record<string, unknown>;
  answer: CaseAnswer;
  /** What ApolloGateway does instead, where it does not give this answer. */
  apolloIsWrong?: string;
  /** Why no program is made, where the operation is run the plain way alone. */
  plainOnly?: string;
}

/** An answer. `data` is absent where execution never began; absent `errors` are none. */
export interface CaseAnswer {
  data?: Readonly<Record<string, unknown>> | null;
  /** In any order. */
  errors?: readonly CaseError[];
}

/** An error; what is left out is not compared. */
export interface CaseError {
  message?: string;
  /** `undefined` where the error is about no place. */
  path?: readonly (string | number)[] | undefined;
  extensions?: { code?: string; service?: string };
}

/** A case that has been read, ready to be served. */
export interface LoadedCase extends Omit<FederationCase, 'resolvers' | 'down'> {
  /** Its folder's name. */
  name: string;
  /** Made anew each time it is read, so that no federation sees what another one's mutations changed. */
  readonly subgraphs: Readonly<Record<string, SmallSubgraph>>;
  /** As written by hand, or else composed. */
  supergraphSdl: string;
  introspection: boolean;
}

const CASES = path.resolve(import.meta.dirname, '../federation');

/**
 * Reads every case of `test/federation/`, by name.
 * @throws Error naming the case, where it names a subgraph it has no file of or does not compose
 */
export async function loadFederationCases(): Promise<LoadedCase[]> {
  const entries = await readdir(CASES, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(names.toSorted().map(loadCase));
}

/**
 * What of an answer a case speaks of, to be compared as equal: the data's text, since the order of fields counts, and of
 * each error, by the order of their paths, what the case says of it.
 */
export function comparable(
  answer: CaseAnswer,
  expected: CaseAnswer,
): { data: string | undefined; errors: CaseError[] } {
  const expectedErrors = byPath(expected.errors);
  return {
    data: JSON.stringify(answer.data, undefined, 2),
    errors: byPath(answer.errors).map((error, index) => pick(error, expectedErrors[index] ?? error)),
  };
}

function byPath(errors: readonly CaseError[] = []): CaseError[] {
  const key = ({ path: place, message }: CaseError): string => JSON.stringify([place, message]);
  return errors.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

function pick({ message, path: place, extensions }: CaseError, like: CaseError): CaseError {
  return {
    ...('message' in like ? { message: message ?? '' } : {}),
    ...('path' in like ? { path: place } : {}),
    ...(like.extensions ? { extensions: pickExtensions(extensions, like.extensions) } : {}),
  };
}

function pickExtensions(
  { code, service }: CaseError['extensions'] = {},
  like: NonNullable<CaseError['extensions']>,
): NonNullable<CaseError['extensions']> {
  return { ...('code' in like && code ? { code } : {}), ...('service' in like && service ? { service } : {}) };
}

async function loadCase(name: string): Promise<LoadedCase> {
  const folder = path.join(CASES, name);
  const sdls = await readSdls(folder);
  const module = (await import(pathToFileURL(path.join(folder, 'case.ts')).href)) as { default: FederationCase };
  const { resolvers = {}, down = [], introspection = true, ...rest } = module.default;
  const { supergraph, ...departments } = Object.fromEntries([...sdls].filter(([file]) => !file.includes('.')));
  const makeSubgraphs = (): Record<string, SmallSubgraph> => {
    const made = typeof resolvers === 'function' ? resolvers() : resolvers;
    const unknown = [...Object.keys(made), ...down].find((subgraph) => !(subgraph in departments));
    if (unknown !== undefined) throw new Error(`${name}: there is no ${unknown}.graphql.`);
    return Object.fromEntries(
      Object.entries(departments).map(([subgraph, sdl]) => [
        subgraph,
        { sdl, servedSdl: sdls.get(`${subgraph}.served`), resolvers: made[subgraph], isDown: down.includes(subgraph) },
      ]),
    );
  };
  return {
    ...rest,
    name,
    introspection,
    supergraphSdl: supergraph ?? compose(name, makeSubgraphs()),
    get subgraphs() {
      return makeSubgraphs();
    },
  };
}

function compose(name: string, subgraphs: Readonly<Record<string, SmallSubgraph>>): string {
  try {
    return composeSmall(subgraphs);
  } catch (error) {
    throw new Error(`${name} does not compose: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** The folder's SDL files by name without ending. */
async function readSdls(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.graphql')).toSorted();
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, string]> => {
        const text = await readFile(path.join(folder, file), 'utf8');
        return [path.basename(file, '.graphql'), text];
      }),
    ),
  );
}
