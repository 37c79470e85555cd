import { createGateway, type Gateway } from '../gateway.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { faultAnswer, type HandleRequest } from '../http/graph-endpoint.ts';
import { contractOf } from '../supergraph/contract.ts';
import type { ContractRule } from '../supergraph/kept-contracts.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';

/** The parts of a graph that are served beside the whole. */
export interface ServedContracts {
  has(name: string): boolean;
  /** Answers what is asked of one of them, and hands on what is asked of the whole. */
  before(whole: HandleRequest): HandleRequest;
  /** Resolves once none of them answers a request. */
  idle(): Promise<unknown>;
}

/**
 * Serves parts of a graph with all that the whole is served with: its planner, departments, rules and trail. What they have of their own is
 * a schema, and the operations that are valid in it.
 *
 * @throws SupergraphError where a contract leaves no whole schema
 */
export function openContracts(
  contracts: Readonly<Record<string, ContractRule>>,
  parts: GatewayParts,
  answering: (supergraph: ServedSupergraph, gateway: Gateway) => HandleRequest,
): ServedContracts {
  const opened = Object.entries(contracts).map(([name, rule]) => {
    const supergraph = contractOf(parts.supergraph, name, rule);
    const gateway = createGateway({ ...parts, supergraph });
    return { name, gateway, handle: answering(supergraph, gateway) };
  });
  const handles = new Map(opened.map(({ name, handle }) => [name, handle]));
  return {
    has: (name) => handles.has(name),
    before: (whole) => (request, deadline) => {
      if (request.contract === undefined) return whole(request, deadline);
      const handle = handles.get(request.contract);
      // It was there when the request came: whoever may ask a part must not come to the whole when that part is gone.
      return handle ? handle(request, deadline) : Promise.resolve(faultAnswer('NOT_FOUND'));
    },
    idle: () => Promise.all(opened.map(({ gateway }) => gateway.idle())),
  };
}
