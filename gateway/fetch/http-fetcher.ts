import { GatewayFault } from '../errors.ts';
import type { Fetcher } from '../execute/fetcher.ts';
import { Asking } from './asking.ts';
import { Department, type DepartmentState, type SharedByDepartments, type SubgraphTransport } from './department.ts';
import { RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';

/** A fetcher over HTTP, with connections of its own for each subgraph. */
export interface HttpFetcher {
  fetch: Fetcher;
  /** How each subgraph is, by its name. */
  state(): Record<string, DepartmentState>;
  /** Lets requests under way finish, then closes every connection. */
  close(): Promise<void>;
}

/** What holds for all subgraphs of a fetcher together. */
export interface HttpFetcherOptions {
  retryBudget: RetryBudgetOptions;
  /** Told when a subgraph begins or ends to be left alone. Default: nobody. */
  onCircuit?: SharedByDepartments['onCircuit'];
}

/** Makes a fetcher for the subgraphs of one supergraph. No connection is made before it is needed. */
export function createHttpFetcher(
  transports: ReadonlyMap<string, SubgraphTransport>,
  { retryBudget, onCircuit = () => undefined }: HttpFetcherOptions,
): HttpFetcher {
  const shared = { budget: new RetryBudget(retryBudget), onCircuit };
  const departments = new Map(
    [...transports].map(([name, transport]) => [name, new Department(name, transport, shared)]),
  );
  return {
    fetch(request, deadline) {
      const department = departments.get(request.template.service);
      if (!department) return Promise.reject(unknownService(request.template.service));
      return new Promise((resolve, reject) => new Asking(department, request, deadline, { resolve, reject }).start());
    },
    state: () => Object.fromEntries([...departments].map(([name, department]) => [name, department.state()])),
    async close() {
      await Promise.all([...departments.values()].map(({ channel }) => channel.close()));
    },
  };
}

function unknownService(name: string): GatewayFault {
  return new GatewayFault('SUBREQUEST_HTTP_ERROR', `Subgraph ${name} has no address to be asked at.`);
}
