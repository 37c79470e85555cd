import { isInterfaceType, isObjectType, parse, type GraphQLField, type GraphQLSchema } from 'graphql';
import { fieldsDefinitions, JoinDirective, type FieldsDefinition } from '../supergraph/join-directives.ts';
import { graphNames } from '../supergraph/joined-directives.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { entryOf, type CatalogueEntry } from './entry.ts';

type Described = Pick<ServedSupergraph, 'sdl' | 'apiSchema' | 'cacheHints' | 'access' | 'routingUrls' | 'departments'>;

/** What a supergraph tells of its departments, and of the types and fields that clients see. */
export function schemaEntries(supergraph: Described): CatalogueEntry[] {
  const reader = new SchemaReader(supergraph);
  const fielded = Object.values(supergraph.apiSchema.getTypeMap()).filter(
    (type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__'),
  );
  const roots = new Set(rootNames(supergraph.apiSchema));
  const entries = fielded.flatMap((type) => {
    const fields = Object.values((type as { getFields(): Record<string, GraphQLField<unknown, unknown>> }).getFields());
    const ofFields = fields.map((field) => reader.field(type.name, field));
    return roots.has(type.name) ? ofFields : [reader.type(type.name, type.description), ...ofFields];
  });
  return [...departments(supergraph, entries), ...entries];
}

function rootNames(schema: GraphQLSchema): string[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    type ? [type.name] : [],
  );
}

/** What a department says of itself, and what it gives: that is what people look for it by. */
function departments(
  { routingUrls, departments: facts }: Described,
  entries: readonly CatalogueEntry[],
): CatalogueEntry[] {
  return [...routingUrls.keys()].toSorted().map((name) => {
    const types = entries.filter((entry) => entry.kind === 'TYPE' && entry.departments.includes(name));
    const keyed = types.filter(({ keys }) => keys.length > 0).map((type) => type.name);
    const description = keyed.length > 0 ? `Tells of ${keyed.join(', ')}.` : undefined;
    const { title, contact } = facts.get(name) ?? {};
    return entryOf({ kind: 'DEPARTMENT', name, title, contact, description, departments: [name] });
  });
}

class SchemaReader {
  readonly #supergraph: Described;
  readonly #types: ReadonlyMap<string, FieldsDefinition>;
  readonly #graphs: ReadonlyMap<string, string>;

  constructor(supergraph: Described) {
    const document = parse(supergraph.sdl, { noLocation: true });
    this.#supergraph = supergraph;
    this.#types = fieldsDefinitions(document);
    this.#graphs = graphNames(document);
  }

  type(name: string, description: string | null | undefined): CatalogueEntry {
    const joined = JoinDirective.of(this.#types.get(name) ?? {}, 'join__type');
    return entryOf({
      kind: 'TYPE',
      name,
      description: description ?? undefined,
      departments: this.#names(joined),
      keys: unique(joined.flatMap(({ key }) => (key === undefined ? [] : [key]))),
    });
  }

  field(typeName: string, field: GraphQLField<unknown, unknown>): CatalogueEntry {
    const name = `${typeName}.${field.name}`;
    const definition = this.#types.get(typeName);
    const node = definition?.fields?.find((each) => each.name.value === field.name);
    const joined = JoinDirective.of(node ?? {}, 'join__field').filter(({ graph }) => graph !== undefined);
    // A field that is given by all departments of its type says nothing of its own.
    const departments = this.#names(joined.length > 0 ? joined : JoinDirective.of(definition ?? {}, 'join__type'));
    return entryOf({
      kind: 'FIELD',
      name,
      description: field.description ?? undefined,
      departments,
      type: String(field.type),
      maxAgeSeconds: this.#maxAge(departments, typeName, name),
      deprecationReason: field.deprecationReason ?? undefined,
      accessClasses: this.#classes(name),
    });
  }

  #names(joined: readonly JoinDirective[]): string[] {
    return unique(joined.flatMap(({ graph }) => this.#graphs.get(graph ?? '') ?? [])).toSorted();
  }

  #maxAge(departments: readonly string[], typeName: string, coordinate: string): number | undefined {
    const ages = departments.flatMap((name) => {
      const hints = this.#supergraph.cacheHints.get(name);
      return hints?.get(coordinate)?.maxAgeSeconds ?? hints?.get(typeName)?.maxAgeSeconds ?? [];
    });
    return ages.length > 0 ? Math.min(...ages) : undefined;
  }

  #classes(coordinate: string): string[] {
    const { byField, conditions } = this.#supergraph.access;
    return unique(
      (byField.get(coordinate) ?? []).flatMap((number) => {
        const condition = conditions[number]!;
        return condition.kind === 'class' ? [condition.name] : [];
      }),
    );
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
