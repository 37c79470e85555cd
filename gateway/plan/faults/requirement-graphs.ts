import {
  Kind,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
} from 'graphql';
import {
  booleanValue,
  eachRequiredField,
  enumValue,
  fieldsDefinitions,
  isFieldsDefinition,
  JoinDirective,
  joinDirective,
  parseFieldSet,
  stringValue,
  type FieldsDefinition,
} from './join-directives.ts';
import type { StandIns } from './required-arguments.ts';

/** One requirement of a department: fields of a type that it gives when it is handed others. */
interface Requirement {
  /** The department's value of `join__Graph`. */
  graph: string;
  typeName: string;
  requires: string;
}

/** A requirement with a graph of its own in the planner's supergraph. */
interface RequirementGraph extends Requirement {
  /** The graph's value of `join__Graph`. */
  ownGraph: string;
  /** Names of the fields that the department provides somewhere although they are another's. */
  provided: ReadonlySet<string>;
}

/** Departments by the name that one of their requirements has as a subgraph. */
export type DepartmentNames = ReadonlyMap<string, string>;

/**
 * Apollo's planner loses its way where what a department requires is itself given against a requirement, where two
 * requirements of one type differ in arguments only, and where the department may not be entered by one of the type's keys:
 * it merges a fetch into one that was made before its inputs were there. Such a requirement gets a graph of its own: a copy of
 * the department that can be entered by the type's keys alone, and in which the type has nothing but the keys, the required
 * fields and what is given for them. To the planner that is another department, which nothing is merged into; it is
 * translated back afterwards.
 */
export function addRequirementGraphs(
  document: DocumentNode,
  standIns: StandIns,
): { document: DocumentNode; departments: DepartmentNames } {
  const types = fieldsDefinitions(document);
  const graphs = chooseRequirements(types, standIns).map((requirement, index): RequirementGraph => {
    const ownGraph = `${requirement.graph}__REQUIREMENT${index + 1}`;
    return { ...requirement, ownGraph, provided: providedNames(requirement.graph, types) };
  });
  const departments = new Map<string, string>();
  const definitions = document.definitions.map((definition) =>
    graphs.reduce((changed, graph) => withGraph(changed, graph, departments), definition),
  );
  return { document: { ...document, definitions }, departments };
}

/** The requirements that the planner would plan wrongly. */
function chooseRequirements(types: ReadonlyMap<string, FieldsDefinition>, standIns: StandIns): Requirement[] {
  const all = [...types.values()].flatMap((definition) => requirementsOf(definition));
  const required = new Set(all.flatMap((requirement) => requiredFields(requirement, types)));
  const given = new Set(all.flatMap((requirement) => givenFields(requirement, types)));
  const isChained = (requirement: Requirement): boolean =>
    givenFields(requirement, types).some((field) => required.has(field)) ||
    requiredFields(requirement, types).some((field) => given.has(field));
  const wrong = all.filter((requirement) => isChained(requirement) || differsInArguments(requirement, all, standIns));
  // What one requirement is handed must not be asked of the department for another either, so all of a type go together.
  return all.filter(({ graph, typeName }) => wrong.some((each) => each.graph === graph && each.typeName === typeName));
}

/** Requirements of a type's fields, each once; none where there is no key to hand them in by. */
function requirementsOf(definition: FieldsDefinition): Requirement[] {
  const typeName = definition.name.value;
  const found = new Map<string, Requirement>();
  for (const { graph, requires } of (definition.fields ?? []).flatMap((field) =>
    JoinDirective.of(field, 'join__field'),
  )) {
    if (graph === undefined || requires === undefined || !isEntered(definition, graph)) continue;
    found.set(`${graph} ${requires}`, { graph, typeName, requires });
  }
  return [...found.values()];
}

/** Whether objects of the type can be looked up in the graph. */
function isEntered(definition: FieldsDefinition, graph: string): boolean {
  const joined = JoinDirective.of(definition, 'join__type').filter((each) => each.graph === graph);
  const isObject = definition.kind === Kind.OBJECT_TYPE_DEFINITION || joined.some((each) => each.isInterfaceObject);
  return isObject && joined.some((each) => each.key !== undefined && each.isResolvable);
}

/** `Type.field` of everything that a requirement is handed. */
function requiredFields({ requires, typeName }: Requirement, types: ReadonlyMap<string, FieldsDefinition>): string[] {
  const found: string[] = [];
  eachRequiredField(parseFieldSet(requires), typeName, types, ({ name }, parentName) => {
    for (const type of types.values())
      if (isOrImplements(type, parentName)) found.push(`${type.name.value}.${name.value}`);
  });
  return found;
}

function isOrImplements({ name, interfaces = [] }: FieldsDefinition, typeName: string): boolean {
  return name.value === typeName || interfaces.some((each) => each.name.value === typeName);
}

/** `Type.field` of everything that a requirement is for. */
function givenFields(requirement: Requirement, types: ReadonlyMap<string, FieldsDefinition>): string[] {
  const { typeName } = requirement;
  const given = types.get(typeName)!.fields!.filter((field) => isGivenFor(field, requirement));
  return given.map(({ name }) => `${typeName}.${name.value}`);
}

function isGivenFor(field: FieldDefinitionNode, { graph, requires }: Requirement): boolean {
  return JoinDirective.of(field, 'join__field').some((each) => each.graph === graph && each.requires === requires);
}

function differsInArguments(
  { graph, typeName, requires }: Requirement,
  all: readonly Requirement[],
  standIns: StandIns,
): boolean {
  const others = all.filter((each) => each.graph === graph && each.typeName === typeName);
  return (
    others.length > 1 && [requires, ...others.map((each) => each.requires)].some((text) => namesOneOf(text, standIns))
  );
}

function namesOneOf(fieldSet: string, standIns: StandIns): boolean {
  return [...fieldSet.matchAll(/[_A-Za-z]\w*/g)].some(([name]) => standIns.has(name));
}

/** A definition of the supergraph with its part in a requirement's graph. */
function withGraph<Definition extends DefinitionNode>(
  definition: Definition,
  graph: RequirementGraph,
  departments: Map<string, string>,
): DefinitionNode {
  if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph')
    return withGraphValue(definition, graph, departments);
  if (!('directives' in definition) || definition.kind === Kind.DIRECTIVE_DEFINITION) return definition;
  if (!('name' in definition) || ROOT_TYPES.has(definition.name?.value ?? '')) return definition;
  if (isFieldsDefinition(definition) && definition.name.value === graph.typeName)
    return withRequirement(definition, graph);
  return withCopies(definition, graph);
}

const ROOT_TYPES = new Set(['Query', 'Mutation', 'Subscription']);

function withGraphValue(
  definition: EnumTypeDefinitionNode,
  { graph, ownGraph }: RequirementGraph,
  departments: Map<string, string>,
): EnumTypeDefinitionNode {
  const value = definition.values!.find(({ name }) => name.value === graph)!;
  const [joined] = JoinDirective.of(value, 'join__graph');
  const ownName = ownGraph.toLowerCase();
  departments.set(ownName, joined!.name!);
  const directives = [joined!.with({ name: stringValue(ownName) })];
  return {
    ...definition,
    values: [...definition.values!, { ...value, name: { kind: Kind.NAME, value: ownGraph }, directives }],
  };
}

/** Everything of the department is in its requirement's graph too, but cannot be entered there. */
function withCopies<Definition extends DefinitionNode>(definition: Definition, graph: RequirementGraph): Definition {
  const changed = withCopiedDirectives(definition as JoinedElement, graph);
  const parts = ['fields', 'values'] as const;
  for (const part of parts) {
    const elements = (changed as Partial<Record<typeof part, readonly JoinedElement[]>>)[part];
    if (elements) Object.assign(changed, { [part]: elements.map((element) => withCopiedDirectives(element, graph)) });
  }
  return changed as Definition & JoinedElement;
}

interface JoinedElement {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

function withCopiedDirectives<Element extends JoinedElement>(element: Element, graph: RequirementGraph): Element {
  const copies = (element.directives ?? []).flatMap((node) => {
    const joined = new JoinDirective(node);
    if (joined.graph !== graph.graph || joined.requires !== undefined) return [];
    const closed = joined.key === undefined ? {} : { resolvable: booleanValue(false) };
    return [joined.with({ graph: enumValue(graph.ownGraph), ...closed })];
  });
  return { ...element, directives: [...(element.directives ?? []), ...copies] };
}

/** The type whose requirement it is: in its graph it has its keys, what is required, and what is given for that. */
function withRequirement(definition: FieldsDefinition, graph: RequirementGraph): FieldsDefinition {
  const joined = JoinDirective.of(definition, 'join__type');
  const keys = joined.filter((each) => each.graph === graph.graph && each.key !== undefined && each.isResolvable);
  const own = { graph: enumValue(graph.ownGraph) };
  const implemented = JoinDirective.of(definition, 'join__implements').filter((each) => each.graph === graph.graph);
  const names: RequirementNames = {
    graphs: new Set(joined.flatMap((each) => each.graph ?? [])),
    keys: new Set(keys.flatMap((each) => topLevelNames(each.key!))),
    required: new Set(topLevelNames(graph.requires)),
  };
  return {
    ...definition,
    directives: [...definition.directives!, ...[...keys, ...implemented].map((each) => each.with(own))],
    fields: definition.fields!.map((field) => withRequirementField(field, graph, names)),
  };
}

interface RequirementNames {
  /** Graphs that have the type. */
  graphs: ReadonlySet<string>;
  keys: ReadonlySet<string>;
  required: ReadonlySet<string>;
}

function withRequirementField(
  field: FieldDefinitionNode,
  { graph, ownGraph, requires, provided }: RequirementGraph,
  { graphs, keys, required }: RequirementNames,
): FieldDefinitionNode {
  const own = { graph: enumValue(ownGraph) };
  const name = field.name.value;
  const joined = joinedFields(field, graphs).map((each) =>
    each.graph === graph && each.requires === requires ? new JoinDirective(each.with(own)) : each,
  );
  const others = (field.directives ?? []).filter((node) => node.name.value !== 'join__field');
  const isOutside = required.has(name) || (provided.has(name) && joined.some((each) => each.isExternal));
  const added = keys.has(name)
    ? [joinDirective('join__field', own)]
    : isOutside
      ? [joinDirective('join__field', { ...own, external: booleanValue(true) })]
      : [];
  // Where the department itself still has what it is handed, the planner asks the department for it.
  const isHanded = required.has(name) && !provided.has(name);
  const kept = joined.filter((each) => !(isHanded && each.graph === graph && each.isExternal));
  return { ...field, directives: [...others, ...(kept.length > 0 ? kept : joined).map(({ node }) => node), ...added] };
}

/** Where a field is; one that says nothing is wherever its type is. */
function joinedFields(field: FieldDefinitionNode, graphs: ReadonlySet<string>): JoinDirective[] {
  const joined = JoinDirective.of(field, 'join__field');
  if (joined.length > 0) return joined;
  return [...graphs].map((graph) => new JoinDirective(joinDirective('join__field', { graph: enumValue(graph) })));
}

function topLevelNames(fieldSet: string): string[] {
  return parseFieldSet(fieldSet).selections.flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []));
}

function providedNames(graph: string, types: ReadonlyMap<string, FieldsDefinition>): ReadonlySet<string> {
  const fields = [...types.values()].flatMap((definition) => definition.fields ?? []);
  const texts = fields.flatMap((field) =>
    JoinDirective.of(field, 'join__field').flatMap((each) => (each.graph === graph && each.provides) || []),
  );
  return new Set(texts.flatMap((text) => [...text.matchAll(/[_A-Za-z]\w*/g)].map(([name]) => name)));
}
