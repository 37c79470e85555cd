import {
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  fieldsDefinitions,
  JoinDirective,
  namedType,
  parseFieldSet,
  type FieldsDefinition,
} from './join-directives.ts';
import { graphNames, readJoinedDirectives } from './joined-directives.ts';
import { readRecordFields, type RecordFields } from './record-fields.ts';
import { readTolerantFields } from './tolerant-fields.ts';

/** What has to hold before a field may be seen. */
export type AccessCondition =
  /** Someone has proven who they are. @see https://specs.apollo.dev/authenticated/v0.1 */
  | { kind: 'authenticated' }
  /** All scopes of one of the lists. @see https://specs.apollo.dev/requiresScopes/v0.1 */
  | { kind: 'scopes'; anyOf: readonly (readonly string[])[] }
  /** All policies of one of the lists. @see https://specs.apollo.dev/policy/v0.1 */
  | { kind: 'policies'; anyOf: readonly (readonly string[])[] }
  /** The department's rules for one of its access classes: `@access(class:)`. */
  | { kind: 'class'; department: string; name: string }
  /** The rules of one of the departments that give a field of which none of them says the class. */
  | { kind: 'unclassified'; departments: readonly string[] };

/** The access conditions of a supergraph. */
export interface AccessConditions {
  /** All conditions there are; each once. */
  readonly conditions: readonly AccessCondition[];
  /** What a field depends on: numbers of conditions, all of which must hold, by `Type.field`. */
  readonly byField: ReadonlyMap<string, readonly number[]>;
  /**
   * Those of a field's conditions that are also about what is required for it and cannot be asked for of the record alone: it is another
   * record's, or comes along with others.
   */
  readonly ofOthers: ReadonlyMap<string, ReadonlySet<number>>;
  /** What rules that look at the record go by. */
  readonly records: RecordFields;
  /** Of fields that tolerate that something they require is missing, by `Type.field`: each requirement is decided about by itself. */
  readonly tolerant: ReadonlyMap<string, TolerantRequirement>;
}

/** What a field requires that tolerates that something of it is missing. */
export interface TolerantRequirement {
  /** Numbers of the conditions of the field itself. */
  readonly own: readonly number[];
  /** Coordinates of all that is required. */
  readonly required: readonly string[];
  /** For each of the values that the field is about: the coordinates that lead to it. */
  readonly values: readonly (readonly string[])[];
}

/**
 * Reads what each field's access depends on: what stands on the field, on the type that has it, on the type that it gives, and
 * on the fields that a department requires to compute it or takes from its context, since what is computed from a value tells of it.
 */
export function readAccessConditions(supergraph: DocumentNode): AccessConditions {
  return new ConditionReader(supergraph).read();
}

/** A field with the type that has it. */
type OwnedField = readonly [FieldsDefinition, FieldDefinitionNode];

/** Coordinates of what has to be known for a field: of the record that has it, and of others. */
interface Needed {
  own: Set<string>;
  others: Set<string>;
}

/** Names of the directives in a supergraph that renames none; renaming is found by the `@link`. */
const SPECIFICATIONS = { authenticated: 'authenticated', scopes: 'requiresScopes', policies: 'policy' } as const;

class ConditionReader {
  readonly #supergraph: DocumentNode;
  readonly #types: ReadonlyMap<string, FieldsDefinition>;
  readonly #conditions: AccessCondition[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #names: Readonly<Record<keyof typeof SPECIFICATIONS, string>>;
  readonly #graphs: ReadonlyMap<string, string>;
  /** Classes by element, then department. */
  readonly #classes = new Map<string, Map<string, string>>();
  readonly #onTypes: ReadonlyMap<string, readonly number[]>;
  /** By a context's name the types of the objects that set it. */
  readonly #contexts: ReadonlyMap<string, readonly FieldsDefinition[]>;

  constructor(supergraph: DocumentNode) {
    this.#supergraph = supergraph;
    this.#types = fieldsDefinitions(supergraph);
    this.#graphs = graphNames(supergraph);
    this.#names = {
      authenticated: linkedName(supergraph, SPECIFICATIONS.authenticated),
      scopes: linkedName(supergraph, SPECIFICATIONS.scopes),
      policies: linkedName(supergraph, SPECIFICATIONS.policies),
    };
    for (const { subgraph, element, args } of readJoinedDirectives(supergraph, 'access')) {
      const ofElement = this.#classes.get(element) ?? new Map<string, string>();
      this.#classes.set(element, ofElement.set(subgraph, String(args['class'])));
    }
    this.#onTypes = this.#readTypes();
    this.#contexts = this.#readContexts();
  }

  read(): AccessConditions {
    const direct = new Map<string, number[]>();
    for (const type of this.#types.values())
      for (const field of type.fields ?? []) direct.set(coordinate(type, field), this.#ofField(type, field));
    const records = readRecordFields(this.#supergraph);
    const byField = new Map<string, readonly number[]>();
    const ofOthers = new Map<string, ReadonlySet<number>>();
    const tolerant = new Map<string, TolerantRequirement>();
    const tolerantFields = readTolerantFields(this.#supergraph);
    const numbersOf = (coordinates: ReadonlySet<string>): number[] =>
      [...coordinates].flatMap((each) => direct.get(each) ?? []);
    for (const type of this.#types.values())
      for (const field of type.fields ?? []) {
        const needed: Needed = { own: new Set(), others: new Set() };
        this.#addWithRequired([type, field], needed.own, needed);
        const together = [...needed.own].filter(
          (each) => each !== coordinate(type, field) && !isSeparate(each, records),
        );
        const others = numbersOf(new Set([...needed.others, ...together]));
        const all = new Set([...numbersOf(needed.own), ...others]);
        byField.set(
          coordinate(type, field),
          [...all].toSorted((one, other) => one - other),
        );
        if (others.length > 0) ofOthers.set(coordinate(type, field), new Set(others));
        const paths = tolerantFields.get(coordinate(type, field));
        if (paths)
          tolerant.set(coordinate(type, field), {
            own: direct.get(coordinate(type, field)) ?? [],
            required: [...needed.own, ...needed.others].filter((each) => each !== coordinate(type, field)),
            values: paths.map((path) => this.#coordinatesOn(type, path.split('.'))),
          });
      }
    return { conditions: this.#conditions, byField, ofOthers, records, tolerant };
  }

  /** Types of any kind: what stands on a scalar or an enum holds for the fields that give it. */
  #readTypes(): Map<string, readonly number[]> {
    const found = new Map<string, readonly number[]>();
    for (const definition of this.#supergraph.definitions)
      if ('name' in definition && definition.kind !== Kind.DIRECTIVE_DEFINITION)
        found.set(definition.name.value, this.#ofDirectives(definition.directives as readonly ConstDirectiveNode[]));
    return found;
  }

  /** Objects of a union set a context as those of its types do. @see https://specs.apollo.dev/context/v0.1 */
  #readContexts(): Map<string, FieldsDefinition[]> {
    const directive = linkedName(this.#supergraph, 'context');
    const found = new Map<string, FieldsDefinition[]>();
    for (const definition of this.#supergraph.definitions) {
      if (!('name' in definition) || definition.kind === Kind.DIRECTIVE_DEFINITION) continue;
      const members = definition.kind === Kind.UNION_TYPE_DEFINITION ? (definition.types ?? []) : [definition];
      const types = members.flatMap(({ name }) => this.#types.get(name!.value) ?? []);
      for (const node of definition.directives ?? []) {
        if (node.name.value !== directive) continue;
        const name = node.arguments?.find((argument) => argument.name.value === 'name')?.value;
        if (name?.kind === Kind.STRING) found.set(name.value, [...(found.get(name.value) ?? []), ...types]);
      }
    }
    return found;
  }

  #ofField(type: FieldsDefinition, field: FieldDefinitionNode): number[] {
    return [
      ...this.#ofDirectives(field.directives),
      ...(this.#onTypes.get(type.name.value) ?? []),
      ...(this.#onTypes.get(namedType(field)) ?? []),
      ...this.#ofClasses(type, field),
    ];
  }

  #ofDirectives(directives: readonly ConstDirectiveNode[] = []): number[] {
    return directives.flatMap((directive) => {
      const { value: name } = directive.name;
      const { authenticated, scopes, policies } = this.#names;
      if (name === authenticated) return this.#number({ kind: 'authenticated' });
      if (name === scopes) return this.#number({ kind: 'scopes', anyOf: listsOf(directive, 'scopes') });
      if (name === policies) return this.#number({ kind: 'policies', anyOf: listsOf(directive, 'policies') });
      return [];
    });
  }

  #ofClasses(type: FieldsDefinition, field: FieldDefinitionNode): number[] {
    const departments = this.#departmentsOf(type, field);
    const classes = departments.flatMap((department) =>
      this.#classesOf(type, field, department).map((name) => this.#number({ kind: 'class', department, name })),
    );
    return classes.length > 0 ? classes : [this.#number({ kind: 'unclassified', departments })];
  }

  /** What a department says on the field holds before what it says on the type, and that before what it says on interfaces. */
  #classesOf(type: FieldsDefinition, field: FieldDefinitionNode, department: string): string[] {
    const onField = this.#classes.get(coordinate(type, field))?.get(department);
    const own = onField ?? this.#classes.get(type.name.value)?.get(department);
    if (own !== undefined) return [own];
    const interfaces = this.#interfacesWith(type, field.name.value);
    return [...new Set(interfaces.flatMap((each) => this.#classesOf(each, field, department)))];
  }

  #interfacesWith({ interfaces = [] }: FieldsDefinition, fieldName: string): FieldsDefinition[] {
    return interfaces.flatMap(({ name }) => {
      const definition = this.#types.get(name.value);
      return definition?.fields?.some((field) => field.name.value === fieldName) ? [definition] : [];
    });
  }

  /** The departments that give a field, by name. */
  #departmentsOf(type: FieldsDefinition, field: FieldDefinitionNode): string[] {
    const joins = JoinDirective.of(field, 'join__field');
    // Given by a department that knows an interface of the type as an object (join v0.5, `join__field` without a graph).
    const byInterface = joins.some(({ graph }) => graph === undefined)
      ? this.#interfacesWith(type, field.name.value).flatMap((each) => {
          const inherited = each.fields!.find(({ name }) => name.value === field.name.value)!;
          return this.#departmentsOf(each, inherited);
        })
      : [];
    const givers =
      joins.length > 0
        ? joins.filter(({ isExternal, isUsedOverridden }) => !isExternal && !isUsedOverridden)
        : JoinDirective.of(type, 'join__type');
    const names = givers.flatMap(({ graph }) => this.#graphs.get(graph ?? '') ?? []);
    return [...new Set([...names, ...byInterface])].toSorted((one, other) => (one < other ? -1 : 1));
  }

  /** Adds the coordinates of a field and of all that any department requires for it. @param into those of the field's record */
  #addWithRequired([type, field]: OwnedField, into: Set<string>, needed: Needed): void {
    const own = coordinate(type, field);
    if (into.has(own)) return;
    into.add(own);
    for (const { requires, contextArguments } of JoinDirective.of(field, 'join__field')) {
      if (requires) this.#addFieldSet([type, parseFieldSet(requires)], into, needed);
      for (const { context, selection } of contextArguments)
        for (const above of this.#contexts.get(context) ?? [])
          this.#addFieldSet([above, parseFieldSet(selection)], needed.others, needed);
    }
  }

  /** The type is absent for a union, of which nothing but fragments can be required. */
  #addFieldSet(
    [type, { selections }]: readonly [FieldsDefinition | undefined, SelectionSetNode],
    into: Set<string>,
    needed: Needed,
  ): void {
    for (const node of selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const inner = node.typeCondition ? this.#types.get(node.typeCondition.name.value) : type;
        this.#addFieldSet([inner, node.selectionSet], into, needed);
      }
      if (node.kind !== Kind.FIELD) continue;
      for (const [owner, field] of this.#definitionsOf(type, node.name.value)) {
        this.#addWithRequired([owner, field], into, needed);
        if (node.selectionSet)
          this.#addFieldSet([this.#types.get(namedType(field)), node.selectionSet], needed.others, needed);
      }
    }
  }

  /** Coordinates of the fields that a path leads through. */
  #coordinatesOn(type: FieldsDefinition | undefined, [name, ...rest]: readonly string[]): string[] {
    const field = type?.fields?.find((each) => each.name.value === name);
    if (!type || !field) return [];
    return [coordinate(type, field), ...this.#coordinatesOn(this.#types.get(namedType(field)), rest)];
  }

  /** A field that is required of an interface is required of each of its types. */
  #definitionsOf(type: FieldsDefinition | undefined, fieldName: string): OwnedField[] {
    if (!type) return [];
    const implementing = [...this.#types.values()].filter(({ interfaces = [] }) =>
      interfaces.some(({ name }) => name.value === type.name.value),
    );
    return [type, ...implementing].flatMap((owner): OwnedField[] => {
      const field = owner.fields?.find(({ name }) => name.value === fieldName);
      return field ? [[owner, field]] : [];
    });
  }

  #number(condition: AccessCondition): number {
    const text = JSON.stringify(condition);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#conditions.push(condition) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

function coordinate(type: FieldsDefinition, field: FieldDefinitionNode): string {
  return `${type.name.value}.${field.name.value}`;
}

function isSeparate(given: string, records: RecordFields): boolean {
  const [typeName, fieldName] = given.split('.') as [string, string];
  return records.isSeparate(typeName, fieldName);
}

function listsOf(directive: ConstDirectiveNode, argument: string): string[][] {
  const value = directive.arguments?.find(({ name }) => name.value === argument)?.value;
  return value ? (valueFromASTUntyped(value) as string[][]) : [];
}

/** What a specification's directive is called here (link v1.0, section 3.3): `as`, where it was renamed. */
function linkedName({ definitions }: DocumentNode, specification: string): string {
  for (const definition of definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const { name, arguments: given = [] } of definition.directives ?? []) {
      if (name.value !== 'link') continue;
      const args = Object.fromEntries(given.map((each) => [each.name.value, valueFromASTUntyped(each.value)]));
      if (String(args['url']).includes(`/${specification}/v`))
        return typeof args['as'] === 'string' ? args['as'] : specification;
    }
  }
  return specification;
}
