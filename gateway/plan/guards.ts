import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionNode,
} from 'graphql';
import {
  enumValue,
  booleanValue,
  fieldsDefinitions,
  isFieldsDefinition,
  JoinDirective,
  joinDirective,
  namedType,
  parseFieldSet,
  printFieldSet,
  stringValue,
  topLevelNames,
  withJoinedFields,
  type FieldsDefinition,
} from '../supergraph/join-directives.ts';
import type { GuardedField } from '../operation/field-access.ts';

/** What a fetch asks for only where the record allows it. */
export interface FetchGuard {
  readonly typeName: string;
  /** One of the fields that are asked for; what is decided about it holds for all of them. */
  readonly fieldName: string;
  /** What is looked at to decide. */
  readonly record: readonly QueryPlanSelectionNode[];
}

/** A fetch of a plan, which may be guarded. */
export interface GuardedFetchNode extends FetchNode {
  guard?: FetchGuard;
}

/** A guarded field of a department, by {@link requirementName}. */
export interface Guarded extends Pick<GuardedField, 'typeName' | 'fieldName'> {
  /** The fields of the type that the department is handed all the same: its keys and its own requirements. */
  readonly handed: ReadonlySet<string>;
}

/** Names a requirement of a department. */
export function requirementName({
  graph,
  typeName,
  requires,
}: Record<'graph' | 'typeName' | 'requires', string>): string {
  return `${graph} ${typeName} ${requires}`;
}

/**
 * Has departments require what of a record decides about their fields, as if it took that to give them. To the planner it then comes
 * first, and the fields are fetched apart from all others.
 */
export function addGuards(
  document: DocumentNode,
  fields: readonly GuardedField[],
): { document: DocumentNode; guarded: ReadonlyMap<string, Guarded> } {
  const guarded = new Map<string, Guarded>();
  if (fields.length === 0) return { document, guarded };
  const additions = new Additions(fieldsDefinitions(document));
  for (const field of fields) additions.guard(field, guarded);
  return { document: { ...document, definitions: document.definitions.map((each) => additions.to(each)) }, guarded };
}

/** What has to be added to a supergraph. */
class Additions {
  readonly #types: ReadonlyMap<string, FieldsDefinition>;
  readonly #guardedFields = new Set<string>();
  /** Graphs by the type that is to be there, and by the coordinate of the field that is to be known there. */
  readonly #graphs = new Map<string, Set<string>>();
  /** What a field requires, by coordinate and graph. */
  readonly #requires = new Map<string, string>();

  constructor(types: ReadonlyMap<string, FieldsDefinition>) {
    this.#types = types;
  }

  guard({ typeName, fieldName, guard, paths }: GuardedField, guarded: Map<string, Guarded>): void {
    const type = this.#types.get(typeName)!;
    const field = type.fields!.find(({ name }) => name.value === fieldName)!;
    this.#guardedFields.add(`${typeName}.${fieldName}`);
    const fieldSet = paths
      .map((path) => path.split('.').reduceRight((inner, name) => `${name} { ${inner} }`))
      .join(' ');
    for (const { graph, isExternal, requires = '' } of JoinDirective.of(withJoinedFields(type, field), 'join__field')) {
      if (graph === undefined || isExternal) continue;
      for (const path of paths) this.#know(graph, typeName, path.split('.'));
      // Commas mean nothing in a field set; here they tell apart what is decided apart.
      const all = `${requires} ${fieldSet}${','.repeat(guard)}`.trim();
      this.#requires.set(`${typeName}.${fieldName} ${graph}`, all);
      const keys = JoinDirective.of(type, 'join__type').flatMap(({ graph: at, key }) =>
        at === graph && key ? [key] : [],
      );
      const handed = new Set([
        '__typename',
        ...[requires, ...keys].flatMap((text) => (text ? topLevelNames(text) : [])),
      ]);
      guarded.set(requirementName({ graph, typeName, requires: all }), { typeName, fieldName, handed });
    }
  }

  /** A department that requires a field knows it, and the type it gives. */
  #know(graph: string, typeName: string, [name, ...rest]: readonly string[]): void {
    if (name === undefined) return;
    const field = this.#types.get(typeName)!.fields!.find((each) => each.name.value === name)!;
    for (const element of [`${typeName}.${name}`, namedType(field)]) {
      const graphs = this.#graphs.get(element) ?? new Set();
      this.#graphs.set(element, graphs.add(graph));
    }
    this.#know(graph, namedType(field), rest);
  }

  to(definition: DefinitionNode): DefinitionNode {
    if (isFieldsDefinition(definition)) return this.#toFields(definition);
    const isLeaf = definition.kind === Kind.ENUM_TYPE_DEFINITION || definition.kind === Kind.SCALAR_TYPE_DEFINITION;
    if (!isLeaf) return definition;
    const graphs = this.#missing(definition.name.value, JoinDirective.of(definition, 'join__type'));
    if (graphs.length === 0) return definition;
    const joined = { ...definition, directives: [...definition.directives!, ...typeDirectives(graphs)] };
    if (joined.kind === Kind.SCALAR_TYPE_DEFINITION) return joined;
    const values = joined.values!.map((value) => ({
      ...value,
      directives: [...(value.directives ?? []), ...directivesFor('join__enumValue', graphs)],
    }));
    return { ...joined, values };
  }

  #toFields(definition: FieldsDefinition): FieldsDefinition {
    const graphs = this.#missing(definition.name.value, JoinDirective.of(definition, 'join__type'));
    const fields = definition.fields!.map((field) => this.#toField(definition, field, graphs.length > 0));
    return { ...definition, fields, directives: [...(definition.directives ?? []), ...typeDirectives(graphs)] };
  }

  /** @param isTold whether the field has to say which graphs it is in, because its type comes to be in others */
  #toField(type: FieldsDefinition, given: FieldDefinitionNode, isTold: boolean): FieldDefinitionNode {
    const coordinate = `${type.name.value}.${given.name.value}`;
    const isChanged = isTold || this.#graphs.has(coordinate) || this.#guardedFields.has(coordinate);
    const field = isChanged ? withJoinedFields(type, given) : given;
    const directives = field.directives?.map((node) => {
      const joined = new JoinDirective(node);
      const requires = joined.isExternal ? undefined : this.#requires.get(`${coordinate} ${joined.graph ?? ''}`);
      const required = requires === undefined ? node : joined.with({ requires: stringValue(requires) });
      return this.#withoutProvided(required, namedType(field));
    });
    const missing = this.#missing(coordinate, JoinDirective.of(field, 'join__field'));
    const external = missing.map((graph) =>
      joinDirective('join__field', { graph: enumValue(graph), external: booleanValue(true) }),
    );
    return { ...field, directives: [...(directives ?? []), ...external] };
  }

  #missing(element: string, joined: readonly JoinDirective[]): string[] {
    return [...(this.#graphs.get(element) ?? [])].filter((graph) => !joined.some((each) => each.graph === graph));
  }

  /** What is guarded is not given along with something else. */
  #withoutProvided(node: ConstDirectiveNode, typeName: string): ConstDirectiveNode {
    const { provides } = new JoinDirective(node);
    if (provides === undefined) return node;
    const kept = this.#keptOf(parseFieldSet(provides), typeName);
    if (kept) return new JoinDirective(node).with({ provides: stringValue(printFieldSet(kept)) });
    return { ...node, arguments: node.arguments!.filter(({ name }) => name.value !== 'provides') };
  }

  #keptOf(fieldSet: ReturnType<typeof parseFieldSet>, typeName: string): ReturnType<typeof parseFieldSet> | undefined {
    const selections = fieldSet.selections.flatMap((node): SelectionNode[] => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return [node];
      const isField = node.kind === Kind.FIELD;
      if (isField && this.#guardedFields.has(`${typeName}.${node.name.value}`)) return [];
      if (!node.selectionSet) return [node];
      const field = isField
        ? this.#types.get(typeName)?.fields?.find(({ name }) => name.value === node.name.value)
        : undefined;
      const inner = field
        ? namedType(field)
        : !isField && node.typeCondition
          ? node.typeCondition.name.value
          : typeName;
      const selectionSet = this.#keptOf(node.selectionSet, inner);
      return selectionSet ? [{ ...node, selectionSet }] : [];
    });
    return selections.length > 0 ? { ...fieldSet, selections } : undefined;
  }
}

function typeDirectives(graphs: readonly string[]): ConstDirectiveNode[] {
  return directivesFor('join__type', graphs);
}

function directivesFor(name: string, graphs: readonly string[]): ConstDirectiveNode[] {
  return graphs.map((graph) => joinDirective(name, { graph: enumValue(graph) }));
}

/**
 * Marks a fetch that asks for what is guarded, in place: it is handed in no more than the department has always been, and what else the
 * planner would hand in is what decides.
 */
export function guardFetch(fetch: GuardedFetchNode, { typeName, fieldName, handed }: Guarded): void {
  fetch.guard = { typeName, fieldName, record: fetch.requires! };
  fetch.requires = fetch.requires!.map((node) =>
    node.kind === 'InlineFragment'
      ? { ...node, selections: node.selections.filter((each) => each.kind !== 'Field' || handed.has(each.name)) }
      : node,
  );
}
