import { LRUCache } from 'lru-cache';
import { isObjectType, type GraphQLSchema } from 'graphql';
import type { CompositionProblem } from '../supergraph/composition.ts';
import { contractApi } from '../supergraph/contract.ts';
import type { KeptContract } from '../supergraph/kept-contracts.ts';
import { SupergraphError } from '../supergraph/load.ts';
import { findChanges, type FoundChange } from './schema-changes.ts';

/** A graph with its contracts. */
export interface ContractedGraph {
  readonly supergraph: string;
  readonly contracts: readonly KeptContract[];
}

/** API schemas of contracts that are remembered. */
const REMEMBERED = 8;

/** Tries what a change does to the parts of a graph that gateways show. */
export class ContractTrials {
  readonly #apis = new LRUCache<string, GraphQLSchema>({ max: REMEMBERED });

  /** The contracts that leave no whole schema any more. */
  problems({ supergraph, contracts }: ContractedGraph): CompositionProblem[] {
    return contracts.flatMap((contract) => {
      try {
        this.apiOf(supergraph, contract);
        return [];
      } catch (error) {
        if (!(error instanceof SupergraphError)) throw error;
        const advice = `Tag what the message names as the rest of it is, or have an administrator change the contract (switchyard registry contracts set ${contract.name}).`;
        return [{ code: 'CONTRACT_BROKEN', message: error.message, places: [], advice }];
      }
    });
  }

  /** What is otherwise in each of them, but for what is so in the whole graph. @param inWhole what is */
  async changes(
    before: ContractedGraph | undefined,
    after: ContractedGraph,
    inWhole: readonly FoundChange[],
  ): Promise<FoundChange[]> {
    const known = new Set(inWhole.map(({ message, path }) => `${path}\0${message}`));
    const ofEach = await Promise.all(
      contractsOfBoth(before, after).map(async ([name, was, is]) => {
        const found = await this.#between(name, was && [before!.supergraph, was], is && [after.supergraph, is]);
        return found.filter(({ message, path }) => !known.has(`${path}\0${message}`));
      }),
    );
    return ofEach.flat();
  }

  /** What clients see of it. @throws SupergraphError */
  apiOf(supergraph: string, { name, include, exclude }: KeptContract): GraphQLSchema {
    const key = JSON.stringify([include, exclude]) + supergraph;
    let api = this.#apis.get(key);
    if (!api) this.#apis.set(key, (api = contractApi(supergraph, name, { include, exclude })));
    return api;
  }

  async #between(name: string, before: Shown | undefined, after: Shown | undefined): Promise<FoundChange[]> {
    if (!before) return [{ level: 'safe', message: `Contract "${name}" is new`, path: '', fields: [], contract: name }];
    const was = this.apiOf(...before);
    if (after) return (await findChanges(was, this.apiOf(...after))).map((change) => ({ ...change, contract: name }));
    const query = was.getQueryType();
    const fields = isObjectType(query) ? Object.keys(query.getFields()).map((field) => `${query.name}.${field}`) : [];
    return [{ level: 'breaking', message: `Contract "${name}" is gone`, path: '', fields, contract: name }];
  }
}

type Shown = readonly [supergraph: string, contract: KeptContract];

function contractsOfBoth(before: ContractedGraph | undefined, after: ContractedGraph) {
  const [was, is] = [before?.contracts ?? [], after.contracts].map(
    (contracts) => new Map(contracts.map((each) => [each.name, each])),
  ) as [Map<string, KeptContract>, Map<string, KeptContract>];
  return [...new Set([...was.keys(), ...is.keys()])].map((name) => [name, was.get(name), is.get(name)] as const);
}
