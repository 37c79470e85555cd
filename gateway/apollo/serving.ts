import type {
  GatewayCachePolicy,
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
} from '@apollo/server-gateway-interface';
import { NOBODY } from '../caller.ts';
import type { Config } from '../config/config.ts';
import { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import type { Fetcher } from '../execute/fetcher.ts';
import { Departments } from '../fetch/departments.ts';
import { createHttpFetcher } from '../fetch/http-fetcher.ts';
import { transportsOf } from '../fetch/transports.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import { startPlanner, type Planner } from '../plan/planner.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { restrictCachePolicy } from './cache-policy.ts';
import type { Logger, SwitchyardGatewayConfig } from './config.ts';
import { askDataSources, type DataSource } from './data-source.ts';
import { toExecutionResult } from './execution-result.ts';

export interface ServingOptions {
  supergraph: ServedSupergraph;
  /** By the subgraph's name; undefined where subgraphs are asked over HTTP. */
  dataSources: ReadonlyMap<string, DataSource> | undefined;
  settings: Config;
  caller: SwitchyardGatewayConfig['caller'];
  logger: Logger;
}

/** One way for all requests to a supergraph's subgraphs. */
interface Asking {
  /** The fetcher of one request. */
  fetcherFor(incoming: GatewayGraphQLRequestContext): Fetcher;
  close(): Promise<void>;
}

/** A supergraph that is served, with what serving it takes: its planner, its operations, its connections. */
export class Serving {
  readonly supergraph: ServedSupergraph;
  readonly #settings: Config;
  readonly #callerOf: SwitchyardGatewayConfig['caller'];
  readonly #logger: Logger;
  readonly #asking: Asking;
  readonly #planner: Planner;
  readonly #gateway: Gateway;
  readonly #underWay = new Set<Promise<GatewayExecutionResult>>();
  #isClosed = false;

  /** @throws ConfigError where a subgraph has no address it could be asked at */
  constructor({ supergraph, dataSources, settings, caller, logger }: ServingOptions) {
    this.supergraph = supergraph;
    this.#settings = settings;
    this.#callerOf = caller;
    this.#logger = logger;
    this.#asking = dataSources ? askBy(dataSources) : askOverHttp(supergraph, settings);
    this.#planner = startPlanner(supergraph.sdl, settings.planner);
    this.#gateway = createGateway({
      supergraph,
      planner: this.#planner,
      fetcher: () => Promise.reject(new GatewayFault('INTERNAL_SERVER_ERROR', 'Every request brings its own fetcher.')),
      // Whether introspection is allowed has been decided by Apollo Server.
      prepare: { limits: settings.limits, introspection: true },
      maxOperations: settings.planner.maxOperations,
      maskErrors: settings.maskSubgraphErrors,
      onFault: (error) => logger.error(`A request failed: ${error instanceof Error ? error.stack : String(error)}`),
    });
  }

  /** Whether it has let go of everything and can answer no more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves once operations can be planned. */
  ready(): Promise<void> {
    return this.#planner.ready();
  }

  /** Answers one request of Apollo Server. */
  async execute(incoming: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult> {
    const answer = this.#answer(incoming);
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  /** Lets requests under way finish, each within its time, and then lets go of everything. */
  async close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    this.#isClosed = true;
    await Promise.all([this.#planner.close(), this.#asking.close()]);
  }

  async #answer(incoming: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult> {
    const { source, request } = incoming;
    const { operationName, variables } = request;
    const caller = this.#callerOf?.(incoming.context) ?? NOBODY;
    const deadline = new Deadline(this.#settings.http.requestTimeoutMs);
    const fetcher = this.#telling(this.#asking.fetcherFor(incoming));
    const message = { parameters: { query: source, operationName, variables }, caller, mutationsAllowed: true };
    const answer = await this.#gateway.handle(message, deadline, fetcher);
    deadline.clear();
    return toExecutionResult(answer, source);
  }

  /** The client is told in general what a fault was; whoever looks for its cause finds it in the log. */
  #telling(fetcher: Fetcher): Fetcher {
    return async (request, deadline) => {
      try {
        return await fetcher(request, deadline);
      } catch (error) {
        this.#logger.debug(String(error));
        throw error;
      }
    };
  }
}

function askBy(dataSources: ReadonlyMap<string, DataSource>): Asking {
  return {
    fetcherFor: (incoming) => askDataSources(dataSources, incoming),
    close: () => Promise.resolve(),
  };
}

function askOverHttp({ routingUrls }: ServedSupergraph, settings: Config): Asking {
  const http = createHttpFetcher(transportsOf(routingUrls, settings), new Departments(settings));
  return {
    fetcherFor: (incoming) => async (request, deadline) => {
      const answer = await http.fetch(request, deadline);
      restrictCachePolicy(incoming.overallCachePolicy as GatewayCachePolicy | undefined, answer.cacheControl);
      return answer;
    },
    close: () => http.close(),
  };
}
