import {
  Kind,
  parse,
  parseType,
  print,
  type DocumentNode,
  type FieldDefinitionNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
} from 'graphql';
import {
  enumValue,
  fieldsDefinitions,
  isFieldsDefinition,
  JoinDirective,
  joinDirective,
  type FieldsDefinition,
} from '../../supergraph/join-directives.ts';

/** What the departments of a supergraph know of the types that a field can give. */
export class MemberTypes {
  /** Names of fields that can give a type in one department which they cannot give in another. */
  readonly differingFields = new Set<string>();
  readonly #sdl: string;
  readonly #document: DocumentNode;
  readonly #types: ReadonlyMap<string, FieldsDefinition>;
  readonly #unions: ReadonlyMap<string, UnionTypeDefinitionNode>;
  readonly #fields = new Map<string, Map<string, FieldDefinitionNode>>();
  readonly #implementers: ReadonlyMap<string, readonly FieldsDefinition[]>;
  /** Whether types differ, by the types and departments that were compared. */
  readonly #compared = new Map<string, boolean>();
  readonly #possible = new Map<string, ReadonlySet<string> | undefined>();
  /** Names of root fields by type and department. */
  readonly #entrances = new Map<string, string>();
  readonly #graphs: ReadonlyMap<string, string>;

  constructor(sdl: string) {
    this.#sdl = sdl;
    this.#document = parse(sdl, { noLocation: true });
    this.#types = fieldsDefinitions(this.#document);
    this.#unions = unionDefinitions(this.#document);
    this.#graphs = graphsByName(this.#document);
    this.#implementers = implementersByInterface(this.#types.values());
    for (const definition of this.#types.values())
      for (const field of definition.fields ?? []) this.#compareDepartments(definition, field);
  }

  /**
   * The supergraph with an entrance for each department and type that others do not know in the same place: a root field
   * of that department alone, which gives the type. What is planned from there is what the planner would plan for an
   * object that the department has given.
   */
  get sdl(): string {
    if (this.#entrances.size === 0) return this.#sdl;
    const definitions = this.#document.definitions.map((definition) =>
      isFieldsDefinition(definition) && definition.name.value === 'Query'
        ? this.#withEntrances(definition)
        : definition,
    );
    return print({ ...this.#document, definitions });
  }

  /** The root field that gives a type in a department; undefined where all departments know the type alike. */
  entrance(typeName: string, graph: string): string | undefined {
    return this.#entrances.get(`${typeName} ${graph}`);
  }

  /** The value of `join__Graph` for a subgraph's name. */
  graphOf(serviceName: string): string | undefined {
    return this.#graphs.get(serviceName);
  }

  /** Whether an object type satisfies a type condition. */
  satisfies(typeName: string, condition: string): boolean {
    if (typeName === condition) return true;
    const union = this.#unions.get(condition);
    if (union) return union.types?.some(({ name }) => name.value === typeName) ?? false;
    return this.#types.get(typeName)?.interfaces?.some(({ name }) => name.value === condition) ?? false;
  }

  /**
   * Names of the object types that a type can be, in a department or in all together; undefined where it is no type with
   * fields, or the department knows it as an interface's object and leaves its types to others.
   */
  possibleTypes(typeName: string, graph?: string): ReadonlySet<string> | undefined {
    const key = `${typeName} ${graph ?? ''}`;
    if (!this.#possible.has(key)) this.#possible.set(key, this.#findPossible(typeName, graph));
    return this.#possible.get(key);
  }

  /** The type of a field, in a department or in the supergraph. */
  fieldType(typeName: string, fieldName: string, graph?: string): TypeNode | undefined {
    const field = this.#fieldsOf(typeName).get(fieldName);
    const joined = field && JoinDirective.of(field, 'join__field').find((each) => each.graph === graph);
    const own = joined && argumentText(joined, 'type');
    return own === undefined ? field?.type : parseType(own, { noLocation: true });
  }

  #fieldsOf(typeName: string): Map<string, FieldDefinitionNode> {
    let fields = this.#fields.get(typeName);
    if (!fields) {
      fields = new Map(this.#types.get(typeName)?.fields?.map((field) => [field.name.value, field]));
      this.#fields.set(typeName, fields);
    }
    return fields;
  }

  #findPossible(typeName: string, graph: string | undefined): ReadonlySet<string> | undefined {
    const union = this.#unions.get(typeName);
    if (union) return this.#visible(graph === undefined ? memberNames(union) : membersIn(union, graph));
    const definition = this.#types.get(typeName);
    if (!definition) return undefined;
    const joined = JoinDirective.of(definition, 'join__type').filter((each) => each.graph === graph);
    if (joined.some((each) => each.isInterfaceObject)) return undefined;
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) return new Set([typeName]);
    const implementers = (this.#implementers.get(typeName) ?? []).filter(
      (each) => graph === undefined || implementsIn(each, typeName, graph),
    );
    return this.#visible(implementers.map(({ name }) => name.value));
  }

  /** Nobody can ask for fields of a type that clients do not know. */
  #visible(names: readonly string[]): ReadonlySet<string> {
    return new Set(
      names.filter((name) => {
        const definition = this.#types.get(name);
        return (
          definition !== undefined && !definition.directives?.some(({ name: each }) => each.value === 'inaccessible')
        );
      }),
    );
  }

  #compareDepartments(definition: FieldsDefinition, field: FieldDefinitionNode): void {
    const known = this.#graphsOf(definition, field).flatMap((graph) => {
      const type = namedTypeOf(this.fieldType(definition.name.value, field.name.value, graph)!);
      const names = this.possibleTypes(type, graph);
      return names ? [{ key: `${type} ${graph}`, graph, names }] : [];
    });
    const places = known.map(({ key }) => key).join();
    if (!this.#compared.has(places)) this.#compared.set(places, this.#enterDiffering(known));
    if (this.#compared.get(places)) this.differingFields.add(field.name.value);
  }

  /** Makes entrances to the types that some departments know and others do not; gives whether there are any. */
  #enterDiffering(known: readonly { graph: string; names: ReadonlySet<string> }[]): boolean {
    const all = new Set(known.flatMap(({ names }) => [...names]));
    const differing = [...all].filter((typeName) => !known.every(({ names }) => names.has(typeName)));
    for (const typeName of differing)
      for (const { graph, names } of known) if (names.has(typeName)) this.#addEntrance(typeName, graph);
    return differing.length > 0;
  }

  /** Departments that have a field; one that says nothing is wherever its type is. */
  #graphsOf(definition: FieldsDefinition, field: FieldDefinitionNode): string[] {
    const joined = JoinDirective.of(field, 'join__field');
    const places = joined.length > 0 ? joined : JoinDirective.of(definition, 'join__type');
    return [...new Set(places.flatMap(({ graph }) => graph ?? []))];
  }

  #addEntrance(typeName: string, graph: string): void {
    const fields = this.#fieldsOf('Query');
    if (this.#entrances.has(`${typeName} ${graph}`)) return;
    let name = `${typeName}__in__${graph}`;
    while (fields.has(name)) name += '_';
    this.#entrances.set(`${typeName} ${graph}`, name);
    fields.set(name, {
      kind: Kind.FIELD_DEFINITION,
      name: { kind: Kind.NAME, value: name },
      type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName } },
      directives: [joinDirective('join__field', { graph: enumValue(graph) })],
    });
  }

  /** A department with an entrance has a root type, whether or not it had one before. */
  #withEntrances(query: FieldsDefinition): FieldsDefinition {
    const fields = [...this.#fieldsOf('Query').values()];
    const joined = new Set(JoinDirective.of(query, 'join__type').map(({ graph }) => graph));
    const entered = new Set(
      fields.flatMap((field) => JoinDirective.of(field, 'join__field').map(({ graph }) => graph)),
    );
    const added = [...entered].flatMap((graph) =>
      graph === undefined || joined.has(graph) ? [] : [joinDirective('join__type', { graph: enumValue(graph) })],
    );
    return { ...query, directives: [...(query.directives ?? []), ...added], fields };
  }
}

/** The name of a type, without lists and non-null. */
export function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}

function unionDefinitions({ definitions }: DocumentNode): ReadonlyMap<string, UnionTypeDefinitionNode> {
  return new Map(
    definitions.flatMap((each) => (each.kind === Kind.UNION_TYPE_DEFINITION ? [[each.name.value, each] as const] : [])),
  );
}

function implementersByInterface(types: Iterable<FieldsDefinition>): ReadonlyMap<string, readonly FieldsDefinition[]> {
  const implementers = new Map<string, FieldsDefinition[]>();
  for (const type of types) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name } of type.interfaces ?? []) {
      const known = implementers.get(name.value);
      if (known) known.push(type);
      else implementers.set(name.value, [type]);
    }
  }
  return implementers;
}

function graphsByName({ definitions }: DocumentNode): ReadonlyMap<string, string> {
  const graphs = definitions.flatMap((each) =>
    each.kind === Kind.ENUM_TYPE_DEFINITION && each.name.value === 'join__Graph' ? (each.values ?? []) : [],
  );
  return new Map(
    graphs.flatMap((value) =>
      JoinDirective.of(value, 'join__graph').map((joined) => [joined.name ?? '', value.name.value] as const),
    ),
  );
}

/** Supergraphs of Federation 1 do not say who knows which members: all do. */
function membersIn(union: UnionTypeDefinitionNode, graph: string): string[] {
  const joined = JoinDirective.of(union, 'join__unionMember');
  if (joined.length === 0) return memberNames(union);
  return joined.flatMap((each) => (each.graph === graph ? (argumentText(each, 'member') ?? []) : []));
}

function memberNames({ types = [] }: UnionTypeDefinitionNode): string[] {
  return types.map(({ name }) => name.value);
}

/** As {@link membersIn}, for an interface. */
function implementsIn(definition: FieldsDefinition, interfaceName: string, graph: string): boolean {
  const joined = JoinDirective.of(definition, 'join__implements');
  if (joined.length === 0) return definition.interfaces?.some(({ name }) => name.value === interfaceName) ?? false;
  return joined.some((each) => each.graph === graph && argumentText(each, 'interface') === interfaceName);
}

function argumentText({ node }: JoinDirective, name: string): string | undefined {
  const value = node.arguments?.find((each) => each.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
