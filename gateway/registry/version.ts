import type { SignedText } from '../keys/signer.ts';
import type { KeptContract } from '../supergraph/kept-contracts.ts';

/** A subgraph as a version of the graph has it. */
export interface PublishedSubgraph {
  readonly name: string;
  /** The department that publishes it, by its code. */
  readonly owner: string;
  readonly routingUrl: string;
  /** The file that its schema came from, as its publisher names it. */
  readonly origin: string;
  /** The version of the graph in which its schema was published. */
  readonly publishedIn: number;
}

/** What made a version of the graph what it is. */
export interface VersionHead {
  /** From 1 on, without gaps: each version is made of the one before it. */
  readonly number: number;
  readonly kind: 'publish' | 'remove' | 'rollback' | 'set-contract' | 'remove-contract';
  /** Which subgraph changed; absent where it was the whole graph. */
  readonly subgraph?: string | undefined;
  /** Which contract changed. */
  readonly contract?: string | undefined;
  /** The version that the graph went back to. */
  readonly backTo?: number | undefined;
  /** When, ISO 8601, UTC. */
  readonly at: string;
  /** Who, by the name that the issuer has for them. */
  readonly by: string;
  readonly department?: string | undefined;
  /** What the publisher says of it. */
  readonly message?: string | undefined;
  /** All subgraphs of the version. */
  readonly subgraphs: readonly PublishedSubgraph[];
  /** All contracts of the version, by their names. Absent: there are none */
  readonly contracts?: readonly KeptContract[] | undefined;
}

/** A version of the graph. Never changed once it is there. */
export interface GraphVersion extends VersionHead {
  /** The schema that was published; absent where none was. */
  readonly sdl?: string | undefined;
  /** The department's rules about it, as YAML, that were published with it; absent where there are none. */
  readonly rules?: string | undefined;
  readonly supergraph: string;
  /** See {@link SupergraphStatement}. */
  readonly statement: SignedText;
}

/** What the registry signs of a version, as JSON. */
export interface SupergraphStatement {
  readonly version: number;
  readonly at: string;
  /** Of the supergraph's text, in hex. */
  readonly sha256: string;
  /** Of the rules, as {@link SignedSupergraph} has them, written as JSON. */
  readonly rulesSha256: string;
  /** The key that signs. */
  readonly key: string;
}

/** A department's rules about its subgraph. */
export interface PublishedRules {
  readonly subgraph: string;
  /** YAML. */
  readonly text: string;
}

/** A supergraph as gateways are given it. */
export interface SignedSupergraph {
  readonly supergraph: string;
  /** Departments' rules, by the subgraph that they were published with, in the order of their names. */
  readonly rules: readonly PublishedRules[];
  readonly statement: SignedText;
  /** How the key that signs follows from the first one. */
  readonly announcements: readonly SignedText[];
}
