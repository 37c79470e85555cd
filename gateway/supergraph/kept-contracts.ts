import {
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
} from 'graphql';
import { joinDirective, stringValue } from './join-directives.ts';
import { withJoinDirective } from './joined-directives.ts';

/** Which part of a graph is shown, by its `@tag`s. */
export interface ContractRule {
  /** Fields with one of these tags, and all fields of types with one; empty: all fields. */
  readonly include: readonly string[];
  /** Nothing with one of these tags. */
  readonly exclude: readonly string[];
}

/** A contract that is kept with a graph. */
export interface KeptContract extends ContractRule {
  readonly name: string;
}

/**
 * Writes contracts into a supergraph, as `@join__directive` of its schema, which other gateways pass over: so they are signed, followed and
 * kept with it.
 */
export function addContracts(supergraphSdl: string, contracts: readonly KeptContract[]): string {
  if (contracts.length === 0) return supergraphSdl;
  const supergraph = withJoinDirective(parse(supergraphSdl, { noLocation: true }));
  const definitions = supergraph.definitions.map((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION
      ? { ...definition, directives: [...(definition.directives ?? []), ...contracts.map(toDirective)] }
      : definition,
  );
  return `${print({ ...supergraph, definitions }).trimEnd()}\n`;
}

/** Reads back what {@link addContracts} wrote. */
export function readContracts(supergraph: DocumentNode): KeptContract[] {
  const schema = supergraph.definitions.find(({ kind }) => kind === Kind.SCHEMA_DEFINITION);
  const directives = schema?.kind === Kind.SCHEMA_DEFINITION ? (schema.directives ?? []) : [];
  return directives.flatMap(({ name, arguments: given = [] }) => {
    if (name.value !== 'join__directive') return [];
    const joined = Object.fromEntries(given.map((each) => [each.name.value, valueFromASTUntyped(each.value)]));
    return joined['name'] === 'contract' ? [joined['args'] as KeptContract] : [];
  });
}

function toDirective({ name, include, exclude }: KeptContract): ConstDirectiveNode {
  const fields = Object.entries({ name: stringValue(name), include: list(include), exclude: list(exclude) });
  return joinDirective('join__directive', {
    graphs: { kind: Kind.LIST, values: [] },
    name: stringValue('contract'),
    args: {
      kind: Kind.OBJECT,
      fields: fields.map(([key, value]) => ({ kind: Kind.OBJECT_FIELD, name: { kind: Kind.NAME, value: key }, value })),
    },
  });
}

function list(texts: readonly string[]): ConstValueNode {
  return { kind: Kind.LIST, values: texts.map(stringValue) };
}
