import { hash } from 'node:crypto';
import { printSchema, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { composeSubgraphs } from '../supergraph/compose.ts';
import type { CompositionProblem, CompositionResult, SubgraphSource } from '../supergraph/composition.ts';
import { addContracts, type KeptContract } from '../supergraph/kept-contracts.ts';
import { buildSupergraph, SupergraphError } from '../supergraph/load.ts';
import type { LintLevels } from '../config/registry.ts';
import { ContractTrials, type ContractedGraph } from './contract-trials.ts';
import type { LintFinding } from './lint/finding.ts';
import { lintSchema } from './lint/lint.ts';
import { findTrespasses, type Trespass } from './ownership.ts';
import { findChanges, gravestFirst, type FoundChange } from './schema-changes.ts';
import type { PublishedSubgraph } from './version.ts';

/** A change of the graph that is tried. */
export interface TrialQuestion {
  /** All subgraphs as they would be. */
  readonly subgraphs: readonly SubgraphSource[];
  readonly contracts: readonly KeptContract[];
  /** The one that changes; absent where one is taken away, or the whole graph goes back. */
  readonly changed?: ChangedSubgraph | undefined;
  /** The graph before. */
  readonly before: GraphBefore | undefined;
}

/** A subgraph that changes, and what its schema is looked at for. */
export interface ChangedSubgraph {
  readonly name: string;
  /** Its department. */
  readonly owner: string;
  /** The department has rules about who may see what. */
  readonly hasRules: boolean;
  /** Whoever changes it may take what is others'. */
  readonly mayTrespass: boolean;
  readonly lint: LintLevels;
}

/** A graph before it is changed. */
export interface GraphBefore extends ContractedGraph {
  readonly subgraphs: readonly PublishedSubgraph[];
  /** Schemas of its subgraphs, by name. */
  readonly schemas: ReadonlyMap<string, string>;
}

/** What would come of a change. */
export type TrialAnswer =
  | { readonly ok: false; readonly problems: readonly CompositionProblem[] }
  | {
      readonly ok: true;
      readonly supergraph: string;
      readonly hints: readonly string[];
      readonly changes: readonly FoundChange[];
      readonly trespasses: readonly Trespass[];
      readonly lint: readonly LintFinding[];
    };

/** Two supergraphs. */
export interface Comparison {
  readonly before: string;
  readonly after: string;
}

/** A contract of a graph. */
export interface ShownContract {
  readonly supergraph: string;
  readonly contract: KeptContract;
}

/** Graphs that are remembered: the one before, and the one that comes of the change. */
const REMEMBERED = 3;

/** Tries changes, one after the other, and remembers the last graphs: the next change is mostly made to one of them. */
export class Trials {
  readonly #apis = new LRUCache<string, GraphQLSchema>({ max: REMEMBERED });
  readonly #contracts = new ContractTrials();
  /** By a hash of what was composed: what is published was mostly checked before. */
  readonly #compositions = new LRUCache<string, CompositionResult>({ max: REMEMBERED });

  async try({ subgraphs, contracts, changed, before }: TrialQuestion): Promise<TrialAnswer> {
    const composed = this.#compose(subgraphs);
    if (!composed.ok) return composed;
    const supergraph = addContracts(composed.sdl, contracts);
    const problems = this.#unfit(supergraph) ?? this.#contracts.problems({ supergraph, contracts });
    if (problems.length > 0) return { ok: false, problems };
    const after = this.#apiOf(supergraph);
    const api = before && this.#apiOf(before.supergraph);
    const source = subgraphs.find(({ name }) => name === changed?.name);
    const trespasses =
      source && changed && before && !changed.mayTrespass
        ? findTrespasses({ ...source, owner: changed.owner }, { ...before, before: api, after })
        : [];
    const lint = source && changed ? lintChanged({ subgraphs, before }, { ...changed, source }, after) : [];
    const inWhole = api ? await findChanges(api, after) : [];
    const inContracts = await this.#contracts.changes(before, { supergraph, contracts }, inWhole);
    const changes = gravestFirst([...inWhole, ...inContracts]);
    return { ok: true, supergraph, hints: composed.hints, changes, trespasses, lint };
  }

  /** What clients see of a contract, as SDL. */
  show({ supergraph, contract }: ShownContract): string {
    return printSchema(this.#contracts.apiOf(supergraph, contract));
  }

  /** What is otherwise between two supergraphs. */
  compare({ before, after }: Comparison): Promise<FoundChange[]> {
    return findChanges(this.#apiOf(before), this.#apiOf(after));
  }

  #compose(subgraphs: readonly SubgraphSource[]): CompositionResult {
    const parts = subgraphs.map(({ name, routingUrl, origin, sdl }) => [name, routingUrl, origin, sdl]);
    const key = hash('sha256', JSON.stringify(parts));
    const composed = this.#compositions.get(key) ?? composeSubgraphs(subgraphs);
    this.#compositions.set(key, composed);
    return composed;
  }

  /** What composes may still use what gateways do not serve. */
  #unfit(supergraph: string): CompositionProblem[] | undefined {
    try {
      this.#apiOf(supergraph);
      return undefined;
    } catch (error) {
      if (!(error instanceof SupergraphError)) throw error;
      const advice = 'Leave out what the message names; gateways do not serve it.';
      return [{ code: 'NOT_SERVED', message: error.message, places: [], advice }];
    }
  }

  #apiOf(supergraph: string): GraphQLSchema {
    let api = this.#apis.get(supergraph);
    if (!api) {
      api = buildSupergraph(supergraph).apiSchema().toGraphQLJSSchema();
      this.#apis.set(supergraph, api);
    }
    return api;
  }
}

function lintChanged(
  { subgraphs, before }: Pick<TrialQuestion, 'subgraphs' | 'before'>,
  { source, hasRules, lint }: ChangedSubgraph & { source: SubgraphSource },
  api: GraphQLSchema,
): LintFinding[] {
  const others = subgraphs.filter((each) => each !== source).map(({ sdl }) => sdl);
  return lintSchema({ source, before: before?.schemas.get(source.name), others, hasRules }, api, lint);
}
