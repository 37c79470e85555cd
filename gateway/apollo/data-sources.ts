import type { Config } from '../config/config.ts';
import { Deadline } from '../deadline.ts';
import { buildSupergraph } from '../supergraph/load.ts';
import type { ServiceEndpointDefinition, SwitchyardGatewayConfig } from './config.ts';
import { inTime, type DataSource } from './data-source.ts';
import { HttpDataSources } from './http-data-source.ts';

type BuildService = SwitchyardGatewayConfig['buildService'];

/** The data sources of all supergraphs of one gateway: one for each subgraph's name and URL, however often they are asked for. */
export class DataSources {
  readonly #buildService: BuildService;
  readonly #http: HttpDataSources;
  readonly #timeoutMs: number;
  readonly #known = new Map<string, { url: string | undefined; dataSource: DataSource }>();

  constructor(buildService: BuildService, { allSubgraphs, http }: Config) {
    this.#buildService = buildService;
    this.#timeoutMs = http.requestTimeoutMs;
    this.#http = new HttpDataSources(allSubgraphs);
  }

  get({ name, url }: ServiceEndpointDefinition): DataSource {
    const known = this.#known.get(name);
    if (known && known.url === url) return known.dataSource;
    const dataSource = this.#create({ name, ...(url === undefined ? {} : { url }) });
    this.#known.set(name, { url, dataSource });
    return dataSource;
  }

  /** The data sources of a supergraph's subgraphs; undefined without `buildService`. */
  forSubgraphs(routingUrls: ReadonlyMap<string, string>): ReadonlyMap<string, DataSource> | undefined {
    if (!this.#buildService) return undefined;
    return new Map([...routingUrls].map(([name, url]) => [name, this.get({ name, url })]));
  }

  /** Asks every subgraph of a supergraph for its `__typename`. @throws Error naming the first that does not answer */
  async healthCheck(supergraphSdl: string): Promise<void> {
    const services = buildSupergraph(supergraphSdl).subgraphsMetadata();
    const deadline = new Deadline(this.#timeoutMs);
    try {
      await Promise.all(services.map(({ name, url }) => checkHealth(name, this.#create({ name, url }), deadline)));
    } finally {
      deadline.clear();
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  #create(definition: ServiceEndpointDefinition): DataSource {
    if (!this.#buildService) return this.#http.open(definition.name, definition.url);
    const dataSource = this.#buildService(definition);
    if (typeof (dataSource as Partial<DataSource> | undefined)?.process !== 'function')
      throw new Error(`buildService gave no data source for ${definition.name}: an object with process() is needed.`);
    return dataSource;
  }
}

async function checkHealth(name: string, dataSource: DataSource, deadline: Deadline): Promise<void> {
  try {
    const request = { query: 'query __ApolloServiceHealthCheck__ { __typename }' };
    await inTime(dataSource.process({ kind: 'health check', request, context: {} }), deadline);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Subgraph ${name} failed its health check: ${reason}`, { cause: error });
  }
}
