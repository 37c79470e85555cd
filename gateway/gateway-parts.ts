import type { Authoriser } from './authorise/authoriser.ts';
import type { Fetcher } from './execute/fetcher.ts';
import type { PrepareOptions } from './operation/prepare.ts';
import type { Planner } from './plan/planner.ts';
import type { ServedSupergraph } from './supergraph/load.ts';

/** The parts a gateway is put together from. */
export interface GatewayParts {
  supergraph: ServedSupergraph;
  planner: Planner;
  fetcher: Fetcher;
  prepare: PrepareOptions;
  /** Decides who may see what. Default: what stands in the schema is enforced, and departments have no rules. */
  authoriser?: Authoriser;
  /** Operations kept ready to run. */
  maxOperations: number;
  /** Whether departments' error messages are replaced by the catalogue's text. */
  maskErrors: boolean;
  /** Whether operations are compiled to programs; without them every request is run the plain way. Default: true. */
  usePrograms?: boolean;
  /** Whether departments are told who asks, and what for. Default: no. */
  tellsDepartments?: boolean;
  /** Told of every fault that a client is told of only in general. */
  onFault(error: unknown): void;
}
