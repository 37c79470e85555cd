import type { Deadline } from '../deadline.ts';
import { GatewayFault } from '../errors.ts';
import type { Fetcher, SubgraphAnswer, SubgraphRequest } from '../execute/fetcher.ts';
import { Asking } from './asking.ts';
import type { Department, DepartmentState, SubgraphTransport } from './department.ts';
import type { Departments } from './departments.ts';
import { askInParts } from './entity-parts.ts';

/** A fetcher over HTTP, with connections of its own for each subgraph. */
export interface HttpFetcher {
  fetch: Fetcher;
  /** How each subgraph is, by its name. */
  state(): Record<string, DepartmentState>;
  /** Lets requests under way finish, then closes every connection that nobody else needs. */
  close(): Promise<void>;
}

/**
 * Makes a fetcher for the subgraphs of one supergraph. No connection is made before it is needed.
 *
 * @param departments those of the gateway, where it may serve other supergraphs too
 */
export function createHttpFetcher(
  transports: ReadonlyMap<string, SubgraphTransport>,
  departments: Departments,
): HttpFetcher {
  const held = new Map([...transports].map(([name, transport]) => [name, departments.hold(name, transport)]));
  let closing: Promise<unknown> | undefined;
  return {
    fetch(request, deadline) {
      const department = held.get(request.template.service);
      if (!department) return Promise.reject(unknownService(request.template.service));
      const { maxEntitiesPerRequest: most = Infinity } = department.transport;
      return request.representations.length > most
        ? askInParts(request, most, (part) => ask(department, part, deadline))
        : ask(department, request, deadline);
    },
    state: () => Object.fromEntries([...held].map(([name, department]) => [name, department.state()])),
    async close() {
      await (closing ??= Promise.all([...held.values()].map((department) => departments.release(department))));
    },
  };
}

function ask(department: Department, request: SubgraphRequest, deadline: Deadline): Promise<SubgraphAnswer> {
  return new Promise((resolve, reject) => new Asking(department, request, deadline, { resolve, reject }).start());
}

function unknownService(name: string): GatewayFault {
  return new GatewayFault('SUBREQUEST_HTTP_ERROR', `Subgraph ${name} has no address to be asked at.`);
}
