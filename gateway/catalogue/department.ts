import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Caller } from '../caller.ts';
import type { Fetcher, OnBehalf } from '../execute/fetcher.ts';
import { answerInProcess, inProcessSchema } from '../in-process/answer-in-process.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { idOf, type CatalogueEntry } from './entry.ts';
import { readIndicators, type AskGraph } from './indicators.ts';
import { schemaEntries } from './schema-entries.ts';
import { CatalogueSearch } from './search.ts';
import { CATALOGUE_SDL } from './sdl.ts';

/** What is decided about a field for a caller. */
export interface CatalogueAccess {
  outcome: string;
  rule?: string;
  text?: string;
  department?: string;
  needs?: string;
  dependsOnRecord: boolean;
}

export interface CatalogueOptions {
  supergraph: Pick<ServedSupergraph, 'sdl' | 'apiSchema' | 'cacheHints' | 'access' | 'routingUrls' | 'departments'>;
  /** Asks this gateway. */
  ask: AskGraph;
  /** What is decided about a field; `ALLOW` where nothing is. */
  decide(caller: Caller, typeName: string, fieldName: string): CatalogueAccess;
  /** In how many requests a field was asked for; undefined where that is not counted. */
  requestsOf(coordinate: string): number | undefined;
  /** Told of faults that clients are told of in general. */
  onFault(error: unknown): void;
}

/** How long what departments tell of their indicators is taken for all there is. */
const INDICATORS_KEPT_MS = 600_000;
/** After how long they are asked again where they could not be. */
const TRY_AGAIN_MS = 5_000;
const MAX_FOUND = 100;

/** Serves what the graph holds as a department of the graph, in the gateway's own process. */
export function serveCatalogue(options: CatalogueOptions): Fetcher {
  return answerInProcess(catalogueSchema(options), options.onFault);
}

/** An entry, for one caller. */
interface Shown extends CatalogueEntry {
  requests: number | undefined;
  access: CatalogueAccess | undefined;
  licences: readonly string[];
}

function catalogueSchema(options: CatalogueOptions): GraphQLSchema {
  const catalogue = new Catalogue(options);
  const show = (entry: CatalogueEntry, { caller }: OnBehalf): Shown => shown(entry, caller, options);
  return inProcessSchema(CATALOGUE_SDL, {
    Query: { catalogue: () => ({}) },
    Catalogue: {
      async search(_: unknown, { text, first, kinds }: SearchArguments, onBehalf: OnBehalf) {
        if (!Number.isInteger(first) || first! < 1 || first! > MAX_FOUND)
          throw badInput(`first must be 1 to ${MAX_FOUND}.`);
        const { search } = await catalogue.read();
        const found = search.search(text, ({ kind }) => !kinds || kinds.includes(kind));
        return found.slice(0, first!).map((entry) => show(entry, onBehalf));
      },
      async departments(_: unknown, __: unknown, onBehalf: OnBehalf) {
        const { search } = await catalogue.read();
        return search.all('DEPARTMENT').map((entry) => show(entry, onBehalf));
      },
      async entry(_: unknown, named: Pick<CatalogueEntry, 'kind' | 'name'>, onBehalf: OnBehalf) {
        const { search } = await catalogue.read();
        const found = search.find(idOf(named));
        return found && show(found, onBehalf);
      },
      gaps: async () => (await catalogue.read()).gaps,
    },
  });
}

interface SearchArguments {
  text: string;
  first?: number | null;
  kinds?: readonly CatalogueEntry['kind'][] | null;
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function shown(entry: CatalogueEntry, caller: Caller, { supergraph, decide, requestsOf }: CatalogueOptions): Shown {
  const said = entry.departments.flatMap((name) => supergraph.departments.get(name)?.licence ?? []);
  const licences = [...new Set(said)];
  if (entry.kind !== 'FIELD') return { ...entry, licences, requests: undefined, access: undefined };
  const [typeName, fieldName] = entry.name.split('.') as [string, string];
  return { ...entry, licences, requests: requestsOf(entry.name), access: decide(caller, typeName, fieldName) };
}

interface ReadCatalogue {
  readonly search: CatalogueSearch;
  readonly gaps: readonly string[];
}

/** What the graph holds, read when it is first asked for and again once what departments told is old. */
class Catalogue {
  readonly #options: CatalogueOptions;
  #read: ReadCatalogue | undefined;
  #reading: Promise<ReadCatalogue> | undefined;
  #oldAtMs = 0;

  constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  /** What is old is given while it is read anew. */
  read(): Promise<ReadCatalogue> {
    const isOld = performance.now() >= this.#oldAtMs;
    if (isOld) this.#reading ??= this.#readAnew().finally(() => (this.#reading = undefined));
    return this.#read ? Promise.resolve(this.#read) : (this.#reading ?? this.#readAnew());
  }

  async #readAnew(): Promise<ReadCatalogue> {
    const { supergraph, ask, onFault } = this.#options;
    const { entries, gaps } = await readIndicators(supergraph.apiSchema, ask).catch((error: unknown) => {
      onFault(error);
      return { entries: [], gaps: ['Indicators cannot be read.'] };
    });
    this.#read = { search: new CatalogueSearch([...schemaEntries(supergraph), ...entries]), gaps };
    this.#oldAtMs = performance.now() + (gaps.length > 0 ? TRY_AGAIN_MS : INDICATORS_KEPT_MS);
    return this.#read;
  }
}
