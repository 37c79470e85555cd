import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/** By which fields and inputs one comes to what stands somewhere in a schema. */
export class WaysTo {
  readonly #schema: GraphQLSchema;
  #fields: FieldsByType | undefined;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** The fields that lead there. @param path `Type.field`, `Type.field.argument`, `Enum.VALUE`, `Input.field` or `Type` */
  about(path: string): string[] {
    const [typeName = '', fieldName] = path.split('.');
    const type = this.#schema.getType(typeName);
    if (type && fieldName !== undefined && (isObjectType(type) || isInterfaceType(type)))
      return [`${typeName}.${fieldName}`];
    const { giving, taking } = this.#gathered();
    return [...new Set([...(giving.get(typeName) ?? []), ...(taking.get(typeName) ?? [])])];
  }

  /** The fields that give a type. */
  giving(typeName: string): string[] {
    return [...(this.#gathered().giving.get(typeName) ?? [])];
  }

  /** A type that is filled in, and those whose values may hold values of it: by the name alone, which stands for a variable. */
  inputsWith(typeName: string): string[] {
    return Object.values(this.#schema.getTypeMap()).flatMap((type) => {
      const isInput = isInputObjectType(type) || isEnumType(type);
      return isInput && [...madeOf(type)].some(({ name }) => name === typeName) ? [type.name] : [];
    });
  }

  #gathered(): FieldsByType {
    return (this.#fields ??= gather(this.#schema));
  }
}

/** Coordinates of fields, by the type that they give, or that their arguments are made of. */
interface FieldsByType {
  readonly giving: ReadonlyMap<string, ReadonlySet<string>>;
  readonly taking: ReadonlyMap<string, ReadonlySet<string>>;
}

function gather(schema: GraphQLSchema): FieldsByType {
  const [giving, taking] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
  const note = (into: Map<string, Set<string>>, { name }: GraphQLNamedType, coordinate: string): void => {
    const known = into.get(name) ?? new Set();
    into.set(name, known.add(coordinate));
  };
  for (const parent of Object.values(schema.getTypeMap())) {
    if (!isObjectType(parent) && !isInterfaceType(parent)) continue;
    for (const field of Object.values(parent.getFields())) {
      const coordinate = `${parent.name}.${field.name}`;
      note(giving, getNamedType(field.type), coordinate);
      for (const type of takenBy(field)) note(taking, type, coordinate);
    }
  }
  return { giving, taking };
}

function takenBy({ args }: GraphQLField<unknown, unknown>): Set<GraphQLNamedType> {
  return new Set(args.flatMap(({ type }) => [...madeOf(getNamedType(type))]));
}

/** What is filled in for a type: itself, and what its fields are made of. */
function madeOf(type: GraphQLNamedType): Set<GraphQLNamedType> {
  const found = new Set([type]);
  // A set that grows while it is gone through is gone through to its new end.
  for (const each of found)
    if (isInputObjectType(each))
      for (const field of Object.values(each.getFields())) found.add(getNamedType(field.type));
  return found;
}
