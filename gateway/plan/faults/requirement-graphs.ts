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
  topLevelNames,
  withJoinedFields,
  type FieldsDefinition,
} from '../../supergraph/join-directives.ts';
import { requirementName, type Guarded } from '../guards.ts';
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
  /** The type's fields that the requirement is handed, at whatever depth. */
  handed: ReadonlySet<string>;
  /** Names in the department's keys, and of what it provides although it is another's. */
  mentioned: ReadonlySet<string>;
  /** Names in the department's requirements that have no graph of their own. */
  requiredElsewhere: ReadonlySet<string>;
}

/** Departments by the name that one of their requirements has as a subgraph. */
export type DepartmentNames = ReadonlyMap<string, string>;

/** Which requirements have graphs of their own: those that the planner would plan wrongly, and those that guard; or all. */
export type Separated = 'wrong' | 'all';

/** What goes with requirements: stand-ins that they name, and what is guarded by them. */
export interface RequirementParts {
  standIns: StandIns;
  /** Requirements that have graphs of their own in any case, by {@link requirementName}. */
  guarded: ReadonlyMap<string, Guarded>;
  separates: Separated;
}

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
  parts: RequirementParts,
): { document: DocumentNode; departments: DepartmentNames; guards: ReadonlyMap<string, Guarded> } {
  const types = fieldsDefinitions(document);
  const graphs = chooseGraphs(types, parts);
  const departments = new Map<string, string>();
  const definitions = document.definitions.map((definition): DefinitionNode => {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph')
      return withGraphs(definition, graphs);
    const added = graphs.map((graph) => graphValue(definition, graph));
    for (const { ownName, department } of added) departments.set(ownName, department);
    return { ...definition, values: [...definition.values!, ...added.map(({ value }) => value)] };
  });
  const guards = graphs.flatMap((graph): [string, Guarded][] => {
    const guarded = parts.guarded.get(requirementName(graph));
    return guarded ? [[subgraphName(graph), guarded]] : [];
  });
  return { document: { ...document, definitions }, departments, guards: new Map(guards) };
}

/** What a requirement's graph is called as a subgraph. */
function subgraphName({ ownGraph }: RequirementGraph): string {
  return ownGraph.toLowerCase();
}

function chooseGraphs(types: ReadonlyMap<string, FieldsDefinition>, parts: RequirementParts): RequirementGraph[] {
  const all = [...types.values()].flatMap((definition) => requirementsOf(definition));
  const chosen = chooseRequirements(all, types, parts);
  return chosen.map((requirement, index) => {
    const { graph } = requirement;
    const elsewhere = all.filter((each) => each.graph === graph && !chosen.includes(each));
    return {
      ...requirement,
      ownGraph: `${graph}__REQUIREMENT${index + 1}`,
      handed: handedNames(requirement, types),
      mentioned: mentionedNames(graph, types),
      requiredElsewhere: new Set(elsewhere.flatMap(({ requires }) => namesIn(requires))),
    };
  });
}

/** The requirements that the planner would plan wrongly, and those that guard something. */
function chooseRequirements(
  all: readonly Requirement[],
  types: ReadonlyMap<string, FieldsDefinition>,
  { standIns, guarded, separates }: RequirementParts,
): Requirement[] {
  if (separates === 'all') return [...all];
  const required = new Set(all.flatMap((requirement) => requiredFields(requirement, types)));
  const given = new Set(all.flatMap((requirement) => givenFields(requirement, types)));
  const isChained = (requirement: Requirement): boolean =>
    givenFields(requirement, types).some((field) => required.has(field)) ||
    requiredFields(requirement, types).some((field) => given.has(field));
  const wrong = all.filter(
    (requirement) =>
      guarded.has(requirementName(requirement)) ||
      isChained(requirement) ||
      differsInArguments(requirement, all, standIns),
  );
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

function handedNames(requirement: Requirement, types: ReadonlyMap<string, FieldsDefinition>): ReadonlySet<string> {
  const start = `${requirement.typeName}.`;
  const fields = requiredFields(requirement, types).filter((field) => field.startsWith(start));
  return new Set(fields.map((field) => field.slice(start.length)));
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
  return namesIn(fieldSet).some((name) => standIns.has(name));
}

/** Every name in a field set: of fields, and of types, which do no harm. */
function namesIn(fieldSet: string): string[] {
  return [...fieldSet.matchAll(/[_A-Za-z]\w*/g)].map(([name]) => name);
}

function mentionedNames(graph: string, types: ReadonlyMap<string, FieldsDefinition>): ReadonlySet<string> {
  const texts = [...types.values()].flatMap((definition) => [
    ...JoinDirective.of(definition, 'join__type').map((each) => (each.graph === graph ? each.key : undefined)),
    ...(definition.fields ?? []).flatMap((field) =>
      JoinDirective.of(field, 'join__field').map((each) => (each.graph === graph ? each.provides : undefined)),
    ),
  ]);
  return new Set(texts.flatMap((text) => (text === undefined ? [] : namesIn(text))));
}

/** The value of `join__Graph` that a requirement's graph has. */
function graphValue({ values = [] }: EnumTypeDefinitionNode, requirement: RequirementGraph) {
  const { graph, ownGraph } = requirement;
  const value = values.find(({ name }) => name.value === graph)!;
  const [joined] = JoinDirective.of(value, 'join__graph');
  const ownName = subgraphName(requirement);
  const directives = [joined!.with({ name: stringValue(ownName) })];
  return {
    ownName,
    department: joined!.name!,
    value: { ...value, name: { kind: Kind.NAME, value: ownGraph }, directives } as const,
  };
}

/** A definition of the supergraph with its part in the requirements' graphs. */
function withGraphs(definition: DefinitionNode, graphs: readonly RequirementGraph[]): DefinitionNode {
  if (graphs.length === 0 || !('directives' in definition) || definition.kind === Kind.DIRECTIVE_DEFINITION)
    return definition;
  if (!isFieldsDefinition(definition)) return withCopies(definition, graphs);
  if (ROOT_TYPES.has(definition.name.value)) return withoutRootFields(definition, graphs);
  const own = graphs.filter(({ typeName }) => typeName === definition.name.value);
  const others = graphs.filter((graph) => !own.includes(graph));
  const joined = JoinDirective.of(definition, 'join__type');
  const fields = definition.fields!.map((field) => {
    const explicit = own.length > 0 ? withJoinedFields(definition, field) : field;
    const added = [
      ...own.flatMap((graph) => ownField(explicit, graph, joined)),
      ...others.flatMap((graph) => copies(explicit, graph)),
    ];
    return { ...explicit, directives: [...keptDirectives(explicit, own, added.length), ...added] };
  });
  const added = [
    ...own.flatMap((graph) => ownType(definition, graph)),
    ...others.flatMap((graph) => copies(definition, graph)),
  ];
  return { ...definition, fields, directives: [...(definition.directives ?? []), ...added] };
}

/** The names that composition gives to the root types. */
const ROOT_TYPES = new Set(['Query', 'Mutation', 'Subscription']);

/** A root type is in the requirements' graphs, because fields may lead to it, but none of its fields are. */
function withoutRootFields(definition: FieldsDefinition, graphs: readonly RequirementGraph[]): FieldsDefinition {
  const fields = definition.fields!.map((field) => withJoinedFields(definition, field));
  const added = graphs.flatMap((graph) => copies(definition, graph));
  return { ...definition, fields, directives: [...(definition.directives ?? []), ...added] };
}

interface JoinedElement {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

function withCopies(definition: DefinitionNode, graphs: readonly RequirementGraph[]): DefinitionNode {
  const add = <Element extends JoinedElement>(element: Element): Element => ({
    ...element,
    directives: [...(element.directives ?? []), ...graphs.flatMap((graph) => copies(element, graph))],
  });
  const changed = add(definition as DefinitionNode & JoinedElement);
  if (changed.kind === Kind.ENUM_TYPE_DEFINITION && changed.values)
    return { ...changed, values: changed.values.map(add) };
  if (changed.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && changed.fields)
    return { ...changed, fields: changed.fields.map(add) };
  return changed;
}

/** What is the department's is in its requirement's graph too, but cannot be entered there, nor is it given for others. */
function copies(element: JoinedElement, { graph, ownGraph }: RequirementGraph): ConstDirectiveNode[] {
  const own = { graph: enumValue(ownGraph) };
  return (element.directives ?? []).flatMap((node) => {
    const joined = new JoinDirective(node);
    if (joined.graph !== graph) return [];
    if (joined.requires !== undefined) return [joinDirective('join__field', { ...own, external: booleanValue(true) })];
    return [joined.with(joined.key === undefined ? own : { ...own, resolvable: booleanValue(false) })];
  });
}

/** The requirement's type in its graph: it can be entered by its keys. */
function ownType(definition: FieldsDefinition, { graph, ownGraph }: RequirementGraph): ConstDirectiveNode[] {
  const keys = JoinDirective.of(definition, 'join__type').filter((each) => each.key !== undefined && each.isResolvable);
  const implemented = JoinDirective.of(definition, 'join__implements');
  const ofGraph = [...keys, ...implemented].filter((each) => each.graph === graph);
  return ofGraph.map((each) => each.with({ graph: enumValue(ownGraph) }));
}

/** A field of the requirement's type in its graph: the keys, what is given, and what has to be handed in. */
function ownField(
  field: FieldDefinitionNode,
  { graph, ownGraph, requires, handed, mentioned }: RequirementGraph,
  typeJoined: readonly JoinDirective[],
): ConstDirectiveNode[] {
  const own = { graph: enumValue(ownGraph) };
  const name = field.name.value;
  const here = JoinDirective.of(field, 'join__field').find((each) => each.graph === graph);
  if (here?.requires === requires) return [here.with(own)];
  const keys = typeJoined.flatMap(({ graph: at, key, isResolvable }) =>
    at === graph && key !== undefined && isResolvable ? topLevelNames(key) : [],
  );
  if (keys.includes(name)) return [joinDirective('join__field', own)];
  const isNamed = handed.has(name) || (mentioned.has(name) && here !== undefined);
  return isNamed ? [joinDirective('join__field', { ...own, external: booleanValue(true) })] : [];
}

/**
 * The directives a field keeps. What is given against a requirement is no longer given by the department itself; and where
 * that still had what it is handed, the planner would ask it for that.
 */
function keptDirectives(
  field: FieldDefinitionNode,
  own: readonly RequirementGraph[],
  addedCount: number,
): readonly ConstDirectiveNode[] {
  const name = field.name.value;
  const all = field.directives ?? [];
  const kept = all.filter((node) => {
    const joined = new JoinDirective(node);
    return !own.some(({ graph, requires, handed, mentioned, requiredElsewhere }) => {
      if (joined.graph !== graph) return false;
      const isHanded = joined.isExternal && handed.has(name) && !mentioned.has(name) && !requiredElsewhere.has(name);
      return isHanded || joined.requires === requires;
    });
  });
  // A field without any such directive would be in every graph.
  return kept.length + addedCount > 0 ? kept : all;
}
