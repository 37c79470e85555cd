import type { FetchDataRewrite, FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
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
import type { StandIn, StandIns } from './faults/required-arguments.ts';

/** What a fetch asks for only where the record allows it. */
export interface FetchGuard {
  readonly typeName: string;
  /** One of the fields that are asked for; what is decided about it holds for all of them. */
  readonly fieldName: string;
  /** What is looked at to decide. */
  readonly record: readonly QueryPlanSelectionNode[];
  /** What gives it the names that rules have for it. */
  readonly rewrites: readonly FetchDataRewrite[];
}

/** A fetch of a plan, which may be guarded. */
export interface GuardedFetchNode extends FetchNode {
  guard?: FetchGuard;
}

/** A guarded field of a department, by {@link requirementName}. */
export interface Guarded extends FetchGuard {
  /** What the department is handed all the same: its keys and its own requirements. */
  readonly handed: FieldTree;
}

/** Names of fields, each with those below it. */
type FieldTree = ReadonlyMap<string, FieldTree>;

/** Names a requirement of a department. */
export function requirementName({
  graph,
  typeName,
  requires,
}: Record<'graph' | 'typeName' | 'requires', string>): string {
  return `${graph} ${typeName} ${requires}`;
}

/** A supergraph whose fields are guarded. */
export interface GuardedSupergraph {
  document: DocumentNode;
  standIns: StandIns;
  /** By {@link requirementName}. */
  guarded: ReadonlyMap<string, Guarded>;
}

/**
 * Has departments require what of a record decides about their fields, as if it took that to give them. To the planner it then comes
 * first, and the fields are fetched apart from all others.
 *
 * @param standIns of the document's fields; what is guarded is guarded under their names too
 */
export function addGuards(
  document: DocumentNode,
  standIns: StandIns,
  fields: readonly GuardedField[],
): GuardedSupergraph {
  if (fields.length === 0) return { document, standIns, guarded: new Map() };
  const additions = new Additions(fieldsDefinitions(document), standIns);
  for (const field of fields) additions.guard(field);
  const definitions = document.definitions.map((each) => additions.to(each));
  return { document: { ...document, definitions }, standIns: additions.standIns, guarded: additions.guarded };
}

/** What has to be added to a supergraph. */
class Additions {
  readonly guarded = new Map<string, Guarded>();
  readonly standIns: Map<string, StandIn>;
  readonly #types: ReadonlyMap<string, FieldsDefinition>;
  readonly #guardedFields = new Set<string>();
  /** Stand-ins for parts of keys, by coordinate. */
  readonly #forKeys = new Map<string, string>();
  /** Graphs by the type that is to be there, and by the coordinate of the field that is to be known there. */
  readonly #graphs = new Map<string, Set<string>>();
  /** What a field requires, by coordinate and graph. */
  readonly #requires = new Map<string, string>();

  constructor(types: ReadonlyMap<string, FieldsDefinition>, standIns: StandIns) {
    this.#types = types;
    this.standIns = new Map(standIns);
  }

  guard(guarded: GuardedField): void {
    const type = this.#types.get(guarded.typeName)!;
    for (const field of type.fields!) {
      const name = field.name.value;
      if (name !== guarded.fieldName && this.standIns.get(name)?.name !== guarded.fieldName) continue;
      this.#guardedFields.add(`${guarded.typeName}.${name}`);
      for (const joined of JoinDirective.of(withJoinedFields(type, field), 'join__field'))
        if (joined.graph !== undefined && !joined.isExternal && !joined.isUsedOverridden)
          this.#guardIn(joined.graph, name, joined.requires ?? '', guarded);
    }
  }

  #guardIn(graph: string, name: string, requires: string, { typeName, fieldName, guard, paths }: GuardedField): void {
    const type = this.#types.get(typeName)!;
    const keys = JoinDirective.of(type, 'join__type').flatMap((each) =>
      each.graph === graph && each.key !== undefined ? [each.key] : [],
    );
    const keyNames = new Set(keys.flatMap(topLevelNames));
    const steps = paths.map((path) => {
      const [first, ...rest] = path.split('.') as [string, ...string[]];
      return [keyNames.has(first) ? this.#standInForKey(typeName, first) : first, ...rest];
    });
    for (const path of steps) this.#know(graph, typeName, path);
    const record = steps.map((path) => path.reduceRight((inner, each) => `${each} { ${inner} }`)).join(' ');
    // Commas mean nothing in a field set; here they tell apart what is decided apart, and what is not decided about at all.
    const all = `${requires} ${record}${','.repeat(guard + 1)}`.trim();
    this.#requires.set(`${typeName}.${name} ${graph}`, all);
    this.guarded.set(requirementName({ graph, typeName, requires: all }), {
      typeName,
      fieldName,
      ...this.#looked(typeName, parseFieldSet(record)),
      handed: treeOf([requires, ...keys].flatMap((text) => (text ? [parseFieldSet(text)] : []))),
    });
  }

  #looked(typeName: string, fieldSet: SelectionSetNode): Pick<FetchGuard, 'record' | 'rewrites'> {
    const selections: QueryPlanSelectionNode[] = [{ kind: 'Field', name: '__typename' }, ...planSelections(fieldSet)];
    const rewrites = topLevelNames(printFieldSet(fieldSet)).flatMap((name): FetchDataRewrite[] => {
      const standIn = this.standIns.get(name);
      return standIn ? [{ kind: 'KeyRenamer', path: [`... on ${typeName}`, name], renameKeyTo: standIn.name }] : [];
    });
    return { record: [{ kind: 'InlineFragment', typeCondition: typeName, selections }], rewrites };
  }

  /**
   * To the planner a department that can be entered by a key knows it, and so need not be handed it, by whichever of its keys it is
   * entered. What decides has to be known all the same.
   */
  #standInForKey(typeName: string, fieldName: string): string {
    const coordinate = `${typeName}.${fieldName}`;
    let name = this.#forKeys.get(coordinate);
    if (name === undefined) {
      name = `${fieldName}__of_${typeName}`;
      while (this.#isTaken(name)) name += '_';
      this.#forKeys.set(coordinate, name);
      this.standIns.set(name, { name: fieldName, arguments: [] });
    }
    return name;
  }

  #isTaken(name: string): boolean {
    return this.#types.values().some(({ fields = [] }) => fields.some((field) => field.name.value === name));
  }

  /** A department that requires a field knows it, and the type it gives. */
  #know(graph: string, typeName: string, [name, ...rest]: readonly string[]): void {
    if (name === undefined) return;
    const original = this.standIns.get(name)?.name;
    const fields = this.#types.get(typeName)!.fields!;
    const field =
      fields.find((each) => each.name.value === name) ?? fields.find((each) => each.name.value === original)!;
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
    const all = definition.fields!.flatMap((field) => [field, ...this.#standInsOf(definition, field)]);
    const fields = all.map((field) => this.#toField(definition, field, graphs.length > 0));
    return { ...definition, fields, directives: [...(definition.directives ?? []), ...typeDirectives(graphs)] };
  }

  /** Where a part of a key is, there is its stand-in. */
  #standInsOf(type: FieldsDefinition, field: FieldDefinitionNode): FieldDefinitionNode[] {
    const name = this.#forKeys.get(`${type.name.value}.${field.name.value}`);
    return name === undefined ? [] : [{ ...withJoinedFields(type, field), name: { kind: Kind.NAME, value: name } }];
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
      if (isField && this.#isGuarded(typeName, node.name.value)) return [];
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

  /** Of an interface, where it is of any of its types. */
  #isGuarded(typeName: string, fieldName: string): boolean {
    const types = [...this.#types.values()].filter(
      ({ name, interfaces = [] }) => name.value === typeName || interfaces.some((each) => each.name.value === typeName),
    );
    return types.some(({ name }) => this.#guardedFields.has(`${name.value}.${fieldName}`));
  }
}

function typeDirectives(graphs: readonly string[]): ConstDirectiveNode[] {
  return directivesFor('join__type', graphs);
}

function directivesFor(name: string, graphs: readonly string[]): ConstDirectiveNode[] {
  return graphs.map((graph) => joinDirective(name, { graph: enumValue(graph) }));
}

function planSelections({ selections }: SelectionSetNode): QueryPlanSelectionNode[] {
  return selections.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind !== Kind.FIELD) return [];
    const below = node.selectionSet ? { selections: planSelections(node.selectionSet) } : {};
    return [{ kind: 'Field', name: node.name.value, ...below }];
  });
}

/** What field sets name, of whatever type it is. */
function treeOf(fieldSets: readonly SelectionSetNode[]): FieldTree {
  const fields = fieldSets.flatMap(fieldsOf);
  const names = new Set(fields.map(({ name }) => name.value));
  return new Map(
    [...names].map((each) => {
      const below = fields.flatMap(({ name, selectionSet }) => (name.value === each ? (selectionSet ?? []) : []));
      return [each, treeOf(below)];
    }),
  );
}

function fieldsOf({ selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    return node.kind === Kind.INLINE_FRAGMENT ? fieldsOf(node.selectionSet) : [];
  });
}

/**
 * Marks a fetch that asks for what is guarded, in place: it is handed in no more than the department has always been, and what else the
 * planner would hand in is what decides.
 */
export function guardFetch(fetch: GuardedFetchNode, { handed, ...guard }: Guarded): void {
  fetch.guard = guard;
  fetch.requires = onlyHanded(fetch.requires!, handed);
}

function onlyHanded(selections: readonly QueryPlanSelectionNode[], handed: FieldTree): QueryPlanSelectionNode[] {
  return selections.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === 'InlineFragment') return [{ ...node, selections: onlyHanded(node.selections, handed) }];
    if (node.name === '__typename') return [node];
    const below = handed.get(node.name);
    if (!below) return [];
    return [node.selections ? { ...node, selections: onlyHanded(node.selections, below) } : node];
  });
}
