import { GatewayFault } from '../errors.ts';
import type { ContractRule, KeptContract } from '../supergraph/kept-contracts.ts';
import type { Publisher } from './publisher.ts';
import type { PublishedTexts } from './store.ts';
import type { GraphVersion, PublishedSubgraph, VersionHead } from './version.ts';

/** A change of the graph that somebody wants. */
export type GraphChange = { readonly message?: string | undefined } & (
  | {
      readonly kind: 'publish';
      readonly name: string;
      readonly sdl: string;
      readonly routingUrl: string;
      /** The file that the schema is in, as messages name it. */
      readonly origin: string;
      /** The department's rules about it, as YAML. Default: those that it has */
      readonly rules?: string | undefined;
    }
  | { readonly kind: 'remove'; readonly name: string }
  /** A part of the graph that gateways show, by tags; what it was before is replaced. */
  | ({ readonly kind: 'set-contract'; readonly contract: string } & ContractRule)
  | { readonly kind: 'remove-contract'; readonly contract: string }
  /** Back to a version: of one subgraph, or of the whole graph. */
  | { readonly kind: 'rollback'; readonly to: number; readonly name?: string | undefined }
);

/** A version with what was published of its subgraphs, by name. */
export type KnownGraph = GraphVersion & { readonly texts: ReadonlyMap<string, PublishedTexts> };

/** What the graph would be made of. */
export interface WantedGraph {
  readonly subgraphs: readonly (Omit<PublishedSubgraph, 'publishedIn'> & { publishedIn: number | 'now' })[];
  /** What is published of them, by name; of others as well. */
  readonly texts: ReadonlyMap<string, PublishedTexts>;
  readonly contracts: readonly KeptContract[];
  /** The subgraph that changes; absent where one is removed, a contract changes, or the whole graph goes back. */
  readonly changed?: PublishedOrNew | undefined;
  /** Nothing changes. */
  readonly isSame: boolean;
}

type PublishedOrNew = WantedGraph['subgraphs'][number];

const NAME = /^[A-Za-z][\w-]{0,63}$/;

/** Each is built anew whenever it is looked at what a change does. */
const MAX_CONTRACTS = 20;

/**
 * What the graph would be made of after a change, if who wants it may make it.
 * @param find gives a version, or throws VERSION_UNKNOWN
 * @throws GatewayFault PUBLISH_INVALID, NOT_YOUR_SUBGRAPH, ADMINISTRATORS_ONLY, SUBGRAPH_UNKNOWN, VERSION_UNKNOWN, CONTRACT_UNKNOWN, NOTHING_PUBLISHED
 */
export async function subgraphsAfter(
  change: GraphChange,
  by: Publisher,
  before: KnownGraph | undefined,
  find: (number: number) => Promise<GraphVersion>,
): Promise<WantedGraph> {
  if (change.kind === 'publish') return published(change, by, before);
  if (change.kind === 'remove') return removed(change.name, by, before);
  if (change.kind !== 'rollback') return withContract(change, by, before);
  return rolledBack(change, by, before, find);
}

function published(
  { name, sdl, routingUrl, origin, rules }: Extract<GraphChange, { kind: 'publish' }>,
  by: Publisher,
  before: KnownGraph | undefined,
): WantedGraph {
  if (!NAME.test(name))
    throw new GatewayFault('PUBLISH_INVALID', `A subgraph cannot be called ${JSON.stringify(name)}.`);
  const known = before?.subgraphs.find((each) => each.name === name);
  const owner = ownerFor(name, known, by);
  const changed: PublishedOrNew = { name, owner, routingUrl, origin, publishedIn: 'now' };
  const was = known && before?.texts.get(name);
  const texts: PublishedTexts = { sdl, ...withRules(rules ?? was?.rules) };
  const isSame = known?.routingUrl === routingUrl && was?.sdl === sdl && was.rules === texts.rules;
  return { ...replaced(before, changed, texts), changed, isSame };
}

function removed(name: string, by: Publisher, before: KnownGraph | undefined): WantedGraph {
  const known = existing(name, before);
  ownerFor(name, known, by);
  return {
    subgraphs: before!.subgraphs.filter((each) => each.name !== name),
    texts: before!.texts,
    contracts: before!.contracts ?? [],
    isSame: false,
  };
}

function withContract(
  change: Extract<GraphChange, { contract: string }>,
  by: Publisher,
  before: KnownGraph | undefined,
): WantedGraph {
  const { contract: name } = change;
  if (!by.isAdministrator) throw new GatewayFault('ADMINISTRATORS_ONLY', `${by.subject} changes contract ${name}.`);
  if (!before) throw new GatewayFault('NOTHING_PUBLISHED', 'A contract is a part of a graph.');
  const { subgraphs, texts, contracts: known = [] } = before;
  const others = known.filter((each) => each.name !== name);
  if (change.kind === 'remove-contract') {
    if (others.length === known.length)
      throw new GatewayFault('CONTRACT_UNKNOWN', `Version ${before.number} has no contract ${name}.`);
    return { subgraphs, texts, contracts: others, isSame: false };
  }
  if (others.length >= MAX_CONTRACTS)
    throw new GatewayFault('PUBLISH_INVALID', `A graph has ${MAX_CONTRACTS} contracts at most.`);
  const { include, exclude } = change;
  const contracts = [...others, { name, include, exclude }].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return { subgraphs, texts, contracts, isSame: JSON.stringify(contracts) === JSON.stringify(known) };
}

async function rolledBack(
  { to, name }: Extract<GraphChange, { kind: 'rollback' }>,
  by: Publisher,
  before: KnownGraph | undefined,
  find: (number: number) => Promise<GraphVersion>,
): Promise<WantedGraph> {
  const then = await find(to);
  const textsIn = async (number: number): Promise<PublishedTexts> => {
    const { sdl, rules } = await find(number);
    return { sdl, ...withRules(rules) };
  };
  if (name !== undefined) {
    const known = existing(name, before);
    const owner = ownerFor(name, known, by);
    const was = existing(name, then);
    const changed = { ...was, owner };
    const isSame = was.publishedIn === known.publishedIn;
    return { ...replaced(before, changed, await textsIn(was.publishedIn)), changed, isSame };
  }
  if (!by.isAdministrator) throw new GatewayFault('ADMINISTRATORS_ONLY', `${by.subject} wants the whole graph back.`);
  const texts = await Promise.all(
    then.subgraphs.map(async (each) => [each.name, await textsIn(each.publishedIn)] as const),
  );
  const { subgraphs, contracts = [] } = then;
  const isSame =
    JSON.stringify([subgraphs, contracts]) === JSON.stringify([before?.subgraphs, before?.contracts ?? []]);
  return { subgraphs, texts: new Map(texts), contracts, isSame };
}

function withRules(rules: string | undefined): Pick<PublishedTexts, 'rules'> {
  return rules === undefined ? {} : { rules };
}

function existing(name: string, graph: VersionHead | undefined): PublishedSubgraph {
  const found = graph?.subgraphs.find((each) => each.name === name);
  if (!found) throw new GatewayFault('SUBGRAPH_UNKNOWN', `Version ${graph?.number ?? 0} has no subgraph ${name}.`);
  return found;
}

/** Whose the subgraph is: who publishes it first owns it. @throws GatewayFault NOT_YOUR_SUBGRAPH */
function ownerFor(name: string, known: PublishedSubgraph | undefined, by: Publisher): string {
  if (known && (by.isAdministrator || known.owner === by.department)) return known.owner;
  if (!known && by.department !== undefined) return by.department;
  if (!known && by.isAdministrator) return name;
  const whose = known ? `is of department ${known.owner}` : 'can be published for a department';
  throw new GatewayFault(
    'NOT_YOUR_SUBGRAPH',
    `Subgraph ${name} ${whose}; ${by.subject} acts for ${by.department ?? 'none'}.`,
  );
}

function replaced(
  before: KnownGraph | undefined,
  changed: PublishedOrNew,
  texts: PublishedTexts,
): Pick<WantedGraph, 'subgraphs' | 'texts' | 'contracts'> {
  const others = (before?.subgraphs ?? []).filter((each) => each.name !== changed.name);
  return {
    subgraphs: [...others, changed].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    texts: new Map([...(before?.texts ?? []), [changed.name, texts]]),
    contracts: before?.contracts ?? [],
  };
}

/** The version that a change makes, but for its supergraph. */
export function draftVersion(
  change: GraphChange,
  by: Publisher,
  { subgraphs, texts, contracts }: WantedGraph,
  { number, at }: Pick<VersionHead, 'number' | 'at'>,
): Omit<GraphVersion, 'supergraph' | 'statement'> {
  return {
    number,
    kind: change.kind,
    ...('name' in change && change.name !== undefined ? { subgraph: change.name } : {}),
    ...('contract' in change ? { contract: change.contract } : {}),
    ...(change.kind === 'rollback' ? { backTo: change.to } : {}),
    at,
    by: by.subject,
    ...(by.department === undefined ? {} : { department: by.department }),
    ...(change.message === undefined ? {} : { message: change.message }),
    subgraphs: subgraphs.map((each) => ({
      ...each,
      publishedIn: each.publishedIn === 'now' ? number : each.publishedIn,
    })),
    ...(contracts.length > 0 ? { contracts } : {}),
    ...(change.kind === 'publish' ? texts.get(change.name)! : {}),
  };
}
