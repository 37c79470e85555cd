import type { FetchNode } from '@apollo/query-planner';
import { Kind, visit, type DefinitionNode, type DirectiveNode, type DocumentNode, type ObjectValueNode } from 'graphql';
import type { DepartmentNames } from './requirement-graphs.ts';
import { parseFieldSet, stringValue } from '../../supergraph/join-directives.ts';

/**
 * Apollo's planner finds no plan for a field whose contextual argument is selected by type conditions, such as
 * `$media ... on Film { minutes }`, below an object of another type that sets the context too, such as a book. There the
 * argument has no value, which is null. Here the types without a condition get two, one in the other, around a field that
 * every type has; {@link translateConditions} makes null of it again.
 */
export function addContextConditions(document: DocumentNode): DocumentNode {
  const typeNames = typesByContext(document);
  if (typeNames.size === 0) return document;
  return visit(document, {
    ObjectValue(node) {
      const selection = textOf(node, 'selection');
      const possible = typeNames.get(textOf(node, 'context') ?? '');
      if (selection === undefined || !possible) return undefined;
      const changed = stringValue(withConditions(selection, possible));
      const fields = node.fields.map((field) =>
        field.name.value === 'selection' ? { ...field, value: changed } : field,
      );
      return { ...node, fields };
    },
  });
}

/**
 * The graphs that requirements have of their own set the contexts of their departments.
 * @param departments by the names of those graphs
 */
export function copyContexts(document: DocumentNode, departments: DepartmentNames): DocumentNode {
  if (departments.size === 0) return document;
  return visit(document, {
    enter(node) {
      if (!('directives' in node) || node.directives.length === 0) return undefined;
      const copies = node.directives.flatMap((directive) => copiesOf(directive, departments));
      return copies.length > 0 ? { ...node, directives: [...node.directives, ...copies] } : undefined;
    },
  });
}

function copiesOf(directive: DirectiveNode, departments: DepartmentNames): DirectiveNode[] {
  const name = contextName(directive);
  const parts = name === undefined ? null : CONTEXT_NAME.exec(name);
  if (!parts) return [];
  const [, department, context] = parts;
  const graphs = [...departments].flatMap(([graph, of]) => (of === department ? [graph] : []));
  return graphs.map((graph) => withName(directive, `${graph}__${context}`));
}

/** In a supergraph a context's name begins with the subgraph's (context v0.1). */
const CONTEXT_NAME = /^(.*)__([A-Za-z]\w*)$/;

function withName(directive: DirectiveNode, name: string): DirectiveNode {
  const given = directive.arguments?.map((argument) => ({ ...argument, value: stringValue(name) }));
  return { ...directive, arguments: given ?? [] };
}

function contextName({ name, arguments: given }: DirectiveNode): string | undefined {
  const value = name.value === 'context' ? given?.find((argument) => argument.name.value === 'name')?.value : undefined;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function contextNames(directives: readonly DirectiveNode[] = []): string[] {
  return directives.flatMap((directive) => contextName(directive) ?? []);
}

/** What is taken from where there is no value has a path without a field at its end. */
export function translateConditions({ contextRewrites = [] }: FetchNode): void {
  for (const rewrite of contextRewrites) {
    const twice = rewrite.path.findIndex(
      (element, index) => element.startsWith('... ') && element === rewrite.path[index - 1],
    );
    if (twice > 0) rewrite.path = rewrite.path.slice(0, twice);
  }
}

function withConditions(selection: string, possible: ReadonlySet<string>): string {
  const fieldSet = selection.trim().replace(/^\{(.*)\}$/s, '$1');
  const conditions = parseFieldSet(fieldSet).selections.flatMap((node) =>
    node.kind === Kind.INLINE_FRAGMENT && node.typeCondition ? [node.typeCondition.name.value] : [],
  );
  if (conditions.length === 0) return selection;
  const missing = [...possible].filter((typeName) => !conditions.includes(typeName));
  return [fieldSet, ...missing.map((typeName) => `... on ${typeName} { ... on ${typeName} { __typename } }`)].join(' ');
}

function textOf({ fields }: ObjectValueNode, name: string): string | undefined {
  const value = fields.find((field) => field.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** The object types that set each context of a supergraph. */
function typesByContext({ definitions }: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const definition of definitions)
    for (const context of 'directives' in definition ? contextNames(definition.directives) : [])
      found.set(context, (found.get(context) ?? new Set()).union(objectTypes(definition, definitions)));
  return found;
}

/** Names of the object types that a definition is of. */
function objectTypes(definition: DefinitionNode, definitions: readonly DefinitionNode[]): Set<string> {
  if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) return new Set([definition.name.value]);
  if (definition.kind === Kind.UNION_TYPE_DEFINITION) return new Set(definition.types?.map(({ name }) => name.value));
  if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) return new Set();
  const interfaceName = definition.name.value;
  return new Set(
    definitions.flatMap((each) =>
      each.kind === Kind.OBJECT_TYPE_DEFINITION && each.interfaces?.some(({ name }) => name.value === interfaceName)
        ? [each.name.value]
        : [],
    ),
  );
}
