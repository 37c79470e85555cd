import { setTimeout as pause } from 'node:timers/promises';
import type {
  GatewayExecutor,
  GatewayInterface,
  GatewayLoadResult,
  GatewaySchemaLoadOrUpdateCallback,
  GatewayUnsubscriber,
} from '@apollo/server-gateway-interface';
import type { GraphQLSchema } from 'graphql';
import { destination, pino } from 'pino';
import type { Config } from '../config/config.ts';
import { loadSupergraph, type ServedSupergraph } from '../supergraph/load.ts';
import {
  resolveSettings,
  supergraphManager,
  unknownOptions,
  type Logger,
  type ServiceEndpointDefinition,
  type SupergraphManager,
  type SwitchyardGatewayConfig,
} from './config.ts';
import { DataSources } from './data-sources.ts';
import { Serving } from './serving.ts';

export type { Caller, Identity, Purpose } from '../caller.ts';
export type { DataSource, DataSourceOptions } from './data-source.ts';
export type {
  Logger,
  ServiceEndpointDefinition,
  SupergraphManager,
  SupergraphSdlHook,
  SupergraphSdlHookOptions,
  SwitchyardGatewayConfig,
  SwitchyardSettings,
} from './config.ts';

/** How long a supergraph that is no longer current waits for requests that Apollo Server validated against it before. */
const LINGER_MS = 5_000;

/**
 * Switchyard inside Apollo Server, in ApolloGateway's place:
 *
 *     const server = new ApolloServer({ gateway: new SwitchyardGateway({ supergraphSdl }) });
 *
 * Data sources and supergraph managers written for ApolloGateway work as they are.
 */
export class SwitchyardGateway implements GatewayInterface {
  readonly #settings: Config;
  readonly #callerOf: SwitchyardGatewayConfig['caller'];
  readonly #logger: Logger;
  readonly #manager: SupergraphManager;
  readonly #checksHealth: boolean;
  readonly #dataSources: DataSources;
  readonly #listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();
  /** What each schema that Apollo Server may still hold is served by. */
  readonly #servings = new WeakMap<GraphQLSchema, Serving>();
  readonly #closing = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #phase: 'new' | 'loading' | 'loaded' | 'failed' | 'stopped' = 'new';
  #current: Serving | undefined;
  /** The last supergraph that was given, whether or not it is served already. */
  #latest: ServedSupergraph | undefined;
  /** Ends when every update so far has been carried out; never rejects. */
  #switching: Promise<unknown> = Promise.resolve();
  #cleanup: (() => Promise<void>) | undefined;
  #loading: Promise<GatewayLoadResult> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws Error without a `supergraphSdl`; ConfigError when a setting is unknown or has the wrong type or range */
  constructor(config: SwitchyardGatewayConfig) {
    this.#manager = supergraphManager(config);
    this.#settings = resolveSettings(config.settings);
    this.#callerOf = config.caller;
    this.#logger = config.logger ?? createLogger(config.debug === true);
    this.#checksHealth = config.serviceHealthCheck === true;
    this.#dataSources = new DataSources(config.buildService, this.#settings);
    const unknown = unknownOptions(config);
    if (unknown.length > 0) this.#logger.warn(`SwitchyardGateway has no option ${unknown.join(', ')}; it is left out.`);
  }

  /** Calls back with every supergraph that comes to be served; what it returns takes that back. */
  onSchemaLoadOrUpdate(callback: GatewaySchemaLoadOrUpdateCallback): GatewayUnsubscriber {
    this.#listeners.add(callback);
    return () => {
      this.#listeners.delete(callback);
    };
  }

  /**
   * Gets the first supergraph and serves it. To be called once, which Apollo Server does.
   *
   * @throws what the supergraph manager throws; SupergraphError when the supergraph cannot be served
   */
  async load(_options?: Parameters<GatewayInterface['load']>[0]): Promise<GatewayLoadResult> {
    if (this.#phase !== 'new') throw new Error(`SwitchyardGateway can be loaded once; it is ${this.#phase}.`);
    this.#phase = 'loading';
    this.#loading = this.#load();
    return this.#loading;
  }

  async #load(): Promise<GatewayLoadResult> {
    try {
      const { supergraphSdl, cleanup } = await this.#manager.initialize({
        update: (sdl) => this.#update(sdl),
        healthCheck: (sdl) => this.#dataSources.healthCheck(sdl),
        getDataSource: (definition: ServiceEndpointDefinition) => this.#dataSources.get(definition),
      });
      this.#cleanup = cleanup;
      await this.#serve(supergraphSdl);
      // An update may have come while the first supergraph was made ready, and taken its place.
      await this.#switching;
      if (!this.#current) throw new Error('SwitchyardGateway has no supergraph that it could serve; the log says why.');
      this.#phase = 'loaded';
    } catch (error) {
      this.#phase = 'failed';
      await this.#letGo();
      throw error;
    }
    return { executor: this.executor };
  }

  /** Answers one request of Apollo Server, by the supergraph against which it was validated. */
  readonly executor: GatewayExecutor = async (incoming) => {
    const validatedBy = this.#servings.get(incoming.schema);
    const serving = validatedBy && !validatedBy.isClosed ? validatedBy : this.#current;
    if (!serving || serving.isClosed) throw new Error(`SwitchyardGateway cannot answer; it is ${this.#phase}.`);
    return serving.execute(incoming);
  };

  /** Asks each subgraph for its `__typename`. @throws Error naming the first that does not answer */
  async serviceHealthCheck(): Promise<void> {
    if (this.#current) await this.#dataSources.healthCheck(this.#current.supergraph.sdl);
  }

  /** Lets requests under way finish, and lets go of the supergraph manager, planners and connections. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // A load that failed has let go by itself.
    const isLoaded = await this.#loading?.then(
      () => true,
      () => false,
    );
    this.#phase = 'stopped';
    if (isLoaded) await this.#letGo();
  }

  async #letGo(): Promise<void> {
    this.#latest = undefined;
    this.#stopped.abort();
    try {
      await this.#cleanup?.();
    } catch (error) {
      this.#logger.error(`The supergraph manager could not clean up: ${messageOf(error)}`);
    }
    await this.#switching;
    await Promise.all([this.#current?.close(), ...this.#closing]);
    await this.#dataSources.close();
  }

  /** A manager hears at once of a supergraph that cannot be served; what comes later is for the log. */
  #update(supergraphSdl: string): void {
    if (this.#phase === 'failed' || this.#phase === 'stopped')
      throw new Error(`SwitchyardGateway takes no update; it is ${this.#phase}.`);
    const tell = (error: unknown): void =>
      this.#logger.error(`The supergraph was not updated; the one before is still served. ${messageOf(error)}`);
    try {
      this.#serve(supergraphSdl).catch(tell);
    } catch (error) {
      tell(error);
      throw error;
    }
  }

  /** @throws SupergraphError at once; what it resolves with rejects where serving could not begin */
  #serve(supergraphSdl: string): Promise<void> {
    if (supergraphSdl === this.#latest?.sdl) return Promise.resolve();
    const supergraph = loadSupergraph(supergraphSdl);
    this.#latest = supergraph;
    const switched = this.#switching.then(() => this.#switchTo(supergraph));
    this.#switching = switched.catch(() => {
      // The same supergraph may be tried again.
      if (this.#latest === supergraph) this.#latest = this.#current?.supergraph;
    });
    return switched;
  }

  async #switchTo(supergraph: ServedSupergraph): Promise<void> {
    // While this one waited, a newer one came, or the gateway was stopped.
    if (this.#latest !== supergraph) return;
    const serving = new Serving({
      supergraph,
      dataSources: this.#dataSources.forSubgraphs(supergraph.routingUrls),
      settings: this.#settings,
      caller: this.#callerOf,
      logger: this.#logger,
    });
    try {
      if (this.#checksHealth) await this.#dataSources.healthCheck(supergraph.sdl);
      await serving.ready();
    } catch (error) {
      await serving.close();
      throw error;
    }
    const previous = this.#current;
    this.#current = serving;
    this.#servings.set(supergraph.apiSchema, serving);
    this.#notify(supergraph);
    if (previous) this.#closeLater(previous);
  }

  #notify({ apiSchema, sdl }: ServedSupergraph): void {
    for (const listener of this.#listeners)
      try {
        listener({ apiSchema, coreSupergraphSdl: sdl });
      } catch (error) {
        this.#logger.error(
          `A listener could not take the supergraph, which is served all the same: ${messageOf(error)}`,
        );
      }
  }

  #closeLater(serving: Serving): void {
    const closing = pause(LINGER_MS, undefined, { ref: false, signal: this.#stopped.signal })
      // It was cut short, because the gateway is stopped.
      .catch(() => undefined)
      .then(() => serving.close())
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function createLogger(debug: boolean): Logger {
  return pino(
    { name: 'switchyard', level: debug ? 'debug' : 'warn', base: null },
    destination({ dest: 2, sync: true }),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
