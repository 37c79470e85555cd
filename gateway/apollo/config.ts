import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { Caller } from '../caller.ts';
import { resolveConfig, type Config, type ConfigInput } from '../config/config.ts';
import type { DataSource } from './data-source.ts';

/** A subgraph: its name, and its URL where the supergraph says one. */
export interface ServiceEndpointDefinition {
  name: string;
  url?: string;
}

/** What a supergraph manager may use of the gateway. */
export interface SupergraphSdlHookOptions {
  /**
   * Serves another supergraph from now on. It is checked at once; clients see it as soon as its planner is ready, and what
   * is under way is finished on the one before. What goes wrong after the check goes to the logger, and the one before stays.
   *
   * @throws SupergraphError when it cannot be served; Error when the gateway is stopped
   */
  update(this: void, supergraphSdl: string): void;
  /** Asks each subgraph of a supergraph for its `__typename`. @throws Error naming the subgraph that does not answer */
  healthCheck(this: void, supergraphSdl: string): Promise<void>;
  /** The data source of a subgraph: what `buildService` makes, else one that asks over HTTP. */
  getDataSource(this: void, definition: ServiceEndpointDefinition): DataSource;
}

/** Gives the first supergraph, and later ones by `update`. */
export type SupergraphSdlHook = (options: SupergraphSdlHookOptions) => Promise<{
  supergraphSdl: string;
  /** Called when the gateway is stopped. */
  cleanup?: (() => Promise<void>) | undefined;
}>;

/** Where supergraphs come from: `IntrospectAndCompose` of `@apollo/gateway`, or one of your own. */
export interface SupergraphManager {
  initialize: SupergraphSdlHook;
}

/** Takes what there is to tell; Apollo Server's own logger is such. */
export interface Logger {
  debug(message?: unknown): void;
  info(message?: unknown): void;
  warn(message?: unknown): void;
  error(message?: unknown): void;
}

/** What {@link SwitchyardGateway} is made of: ApolloGateway's options, and `settings` of our own. */
export interface SwitchyardGatewayConfig {
  /** The supergraph, or what gives it. */
  supergraphSdl: string | SupergraphSdlHook | SupergraphManager;
  /**
   * Makes the data source of a subgraph; called once for each name and URL. Without it, subgraphs are asked over HTTP, with
   * the connections and limits of `settings`.
   */
  buildService?: ((definition: ServiceEndpointDefinition) => DataSource) | undefined;
  /** Whether a supergraph is served only if all its subgraphs answer. Default: false. */
  serviceHealthCheck?: boolean | undefined;
  /** Whether the logger made by default takes `debug` as well. Default: false, which is `warn` and `error`. */
  debug?: boolean | undefined;
  /** Default: one JSON object a line to stderr. */
  logger?: Logger | undefined;
  /**
   * Who asks, and what for, from what Apollo Server's `context` function gave; what it throws, Apollo Server makes an error
   * of. Default: everyone is anonymous.
   */
  caller?: ((context: GatewayGraphQLRequestContext['context']) => Caller) | undefined;
  /** What ApolloGateway does not have; as in `switchyard.config.ts`. */
  settings?: SwitchyardSettings | undefined;
}

/** Settings that mean the same as in `switchyard.config.ts`. */
export interface SwitchyardSettings extends Pick<
  ConfigInput,
  'limits' | 'planner' | 'allSubgraphs' | 'subgraphs' | 'maskSubgraphErrors'
> {
  /**
   * How long one request may take in all; what is not there by then is null with an error. Default: 30,000, and as much for
   * each request to a subgraph over HTTP (`allSubgraphs.timeoutMs`), because ApolloGateway waits for ever.
   */
  requestTimeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** The settings with defaults; `maskSubgraphErrors` is off unless asked for, as Apollo Server has `formatError`. */
export function resolveSettings({ requestTimeoutMs = DEFAULT_TIMEOUT_MS, ...rest }: SwitchyardSettings = {}): Config {
  return resolveConfig(
    {
      maskSubgraphErrors: false,
      ...rest,
      allSubgraphs: { timeoutMs: DEFAULT_TIMEOUT_MS, ...rest.allSubgraphs },
      http: { requestTimeoutMs },
    },
    {},
  );
}

const KNOWN = new Set(['supergraphSdl', 'buildService', 'serviceHealthCheck', 'debug', 'logger', 'caller', 'settings']);

/** ApolloGateway's options that nothing here answers to; only who writes JavaScript can give them. */
export function unknownOptions(config: SwitchyardGatewayConfig): string[] {
  return Object.keys(config).filter((name) => !KNOWN.has(name));
}

/** What gives supergraphs, whichever way it was given. @throws Error where nothing was given */
export function supergraphManager({ supergraphSdl }: Partial<SwitchyardGatewayConfig> = {}): SupergraphManager {
  if (typeof supergraphSdl === 'string') return { initialize: () => Promise.resolve({ supergraphSdl }) };
  if (typeof supergraphSdl === 'function') return { initialize: supergraphSdl };
  if (typeof supergraphSdl?.initialize === 'function') return supergraphSdl;
  throw new Error(
    'SwitchyardGateway needs supergraphSdl: a supergraph, a function, or a supergraph manager such as ' +
      'new IntrospectAndCompose({ subgraphs }) or new UplinkSupergraphManager({ graphRef, apiKey }) of @apollo/gateway.',
  );
}
