import type { Recorder } from './audit/recorder.ts';
import type { Authoriser } from './authorise/authoriser.ts';
import type { Restriction } from './authorise/restrictions.ts';
import type { Caller, CallerGrant } from './caller.ts';
import type { Fetcher } from './execute/fetcher.ts';
import type { RequestObserver } from './observe/observed-request.ts';
import type { PreparedOperation, PrepareOptions } from './operation/prepare.ts';
import type { Planner } from './plan/planner.ts';
import type { ServedSupergraph } from './supergraph/load.ts';

/** The parts a gateway is put together from. */
export interface GatewayParts {
  supergraph: ServedSupergraph;
  planner: Planner;
  fetcher: Fetcher;
  prepare: PrepareOptions;
  /**
   * Gives who decides who may see what; asked once at the beginning of each request, which then ends as it began. Default: what
   * stands in the schema is enforced, and departments have no rules.
   */
  authoriser?(): Authoriser;
  /** What departments granted. Default: nothing. */
  grants?: GrantedReads | undefined;
  /** Operations kept ready to run. */
  maxOperations: number;
  /** Whether departments' error messages are replaced by the catalogue's text. */
  maskErrors: boolean;
  /** Whether operations are compiled to programs; without them every request is run the plain way. Default: true. */
  usePrograms?: boolean;
  /** Whether the fetcher is told who asks, and what for: for departments that are told, and for answers that are one caller's. Default: no. */
  tellsDepartments?: boolean;
  /** Told of what rules would withhold if they were enforced: once for each operation and what may be seen of it. Default: nobody. */
  onReported?(operation: PreparedOperation, reported: readonly Restriction[]): void;
  /** Records requests before they are answered. Default: nothing is recorded. */
  recorder?: Recorder | undefined;
  /** Watches requests. Default: nobody does, and it costs nothing. */
  observer?: RequestObserver | undefined;
  /** Told of every fault that a client is told of only in general. @param requestId which request it ended, where it has a name */
  onFault(error: unknown, requestId?: string): void;
}

/** What departments granted, as far as requests need it. */
export interface GrantedReads {
  /** The grants that a caller has for what the request says it is for. */
  matching(caller: Caller): readonly CallerGrant[];
  /** Counts a read of each; gives those that allowed none any more. @throws GatewayFault GRANTS_UNAVAILABLE */
  take(ids: readonly string[]): Promise<readonly string[]>;
}
