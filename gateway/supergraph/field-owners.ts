import { parse } from 'graphql';
import { fieldsDefinitions, JoinDirective } from './join-directives.ts';
import { graphNames } from './joined-directives.ts';

/** Names of the subgraphs that give a field, by `Type.field`; none where there is no such field. */
export type FieldOwners = (coordinate: string) => ReadonlySet<string>;

/** Says which subgraphs of a supergraph give a field. It is read when it is asked for first. */
export function fieldOwners(supergraphSdl: string): FieldOwners {
  let owners: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  return (coordinate) => (owners ??= readOwners(supergraphSdl)).get(coordinate) ?? new Set();
}

function readOwners(supergraphSdl: string): Map<string, Set<string>> {
  const document = parse(supergraphSdl, { noLocation: true });
  const graphs = graphNames(document);
  const namesOf = (directives: readonly JoinDirective[]): string[] =>
    directives.flatMap(({ graph, isExternal }) => (graph === undefined || isExternal ? [] : (graphs.get(graph) ?? [])));
  const owners = new Map<string, Set<string>>();
  for (const [typeName, definition] of fieldsDefinitions(document)) {
    const ofType = namesOf(JoinDirective.of(definition, 'join__type'));
    for (const field of definition.fields ?? []) {
      const joined = JoinDirective.of(field, 'join__field').filter(({ graph }) => graph !== undefined);
      // A field that says nothing of its own is given by all that give its type.
      owners.set(`${typeName}.${field.name.value}`, new Set(joined.length > 0 ? namesOf(joined) : ofType));
    }
  }
  return owners;
}
