import {
  isLeafType,
  isListType,
  isNonNullType,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import type { SubjectTypes } from '../supergraph/subject-types.ts';
import { isCondition } from './conditions.ts';

/**
 * The names under which an operation's fields are asked of the departments and stand in the merged data, by field node. They
 * are not the client's: an alias may be the name of a key or of a field that a department requires, and the two would be
 * taken for one another. What the client calls a field is the projection's concern.
 */
export type DataKeys = ReadonlyMap<FieldNode, string>;

/** What data keys depend on beside the operation. */
export interface DataKeyContext {
  /** The schema that clients see. */
  apiSchema: GraphQLSchema;
  /** Names of the fields that departments' keys and requirements speak of: the planner asks for them under these names. */
  fieldSetNames: ReadonlySet<string>;
  /** Types whose keys are asked for as well. Default: none. */
  subjects?: SubjectTypes | undefined;
}

/**
 * Gives each field of a valid document its data key. Leaves that are the same have the same key, under whatever aliases, and a
 * field without arguments mostly has its own name. Mutations keep the names the client gave them, because each is run.
 */
export function assignDataKeys(
  document: DocumentNode,
  { apiSchema, fieldSetNames, subjects = new Map() }: DataKeyContext,
): DataKeys {
  const keys = new Map<FieldNode, string>();
  const names = new KeyNames(fieldSetNames, fieldNames(apiSchema), directedNames(document));
  const types = new TypeInfo(apiSchema);
  const mutationType = apiSchema.getMutationType();
  const enter = (node: FieldNode): void => {
    const type = types.getType();
    if (node.name.value === '__typename') keys.set(node, '__typename');
    else if (types.getParentType() === mutationType) keys.set(node, (node.alias ?? node.name).value);
    else keys.set(node, names.of(node, type ? shapeOf(type) : ''));
  };
  visit(document, visitWithTypeInfo(types, { Field: enter }));
  for (const [typeName, { fields }] of subjects) {
    const type = apiSchema.getType(typeName) as GraphQLObjectType;
    for (const node of fields) keys.set(node, names.of(node, shapeOf(type.getFields()[node.name.value]!.type)));
  }
  return keys;
}

/** Hands out keys: one for each field name with the same arguments and shape. */
class KeyNames {
  readonly #fieldSetNames: ReadonlySet<string>;
  readonly #taken: Set<string>;
  readonly #bySignature = new Map<string, string>();
  readonly #used = new Set<string>();
  readonly #directedNames: ReadonlySet<string>;

  constructor(fieldSetNames: ReadonlySet<string>, schemaNames: ReadonlySet<string>, directed: ReadonlySet<string>) {
    this.#fieldSetNames = fieldSetNames;
    this.#taken = new Set(schemaNames);
    this.#directedNames = directed;
  }

  of(node: FieldNode, shape: string): string {
    const name = node.name.value;
    const given = argumentsText(node);
    const responseName = (node.alias ?? node.name).value;
    const isDirected = this.#directedNames.has(responseName);
    // Null in one object must not reach another that the client asked for under another name.
    const alias = node.selectionSet || isDirected ? responseName : '';
    const signature = `${name}(${given})${shape}${alias}`;
    const known = this.#bySignature.get(signature);
    if (known) return known;
    const mayBeItsName = (given === '' && !isDirected) || !this.#fieldSetNames.has(name);
    const key = mayBeItsName && !this.#used.has(name) ? name : this.#numbered(name);
    this.#bySignature.set(signature, key);
    this.#used.add(key);
    return key;
  }

  #numbered(name: string): string {
    let number = 1;
    while (this.#taken.has(`${name}__${number}`)) number += 1;
    this.#taken.add(`${name}__${number}`);
    return `${name}__${number}`;
  }
}

/** Response names of fields with a directive of which only departments know what it does to the value. */
function directedNames(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    Field({ alias, name, directives }) {
      if (directives?.some((directive) => !isCondition(directive))) names.add((alias ?? name).value);
    },
  });
  return names;
}

/** The order of arguments means nothing (GraphQL specification, section 2.6). */
function argumentsText(node: FieldNode): string {
  const given = (node.arguments ?? []).map((argument) => print(argument));
  return given.toSorted().join(',');
}

/** Values under one name must have one shape, whatever types their parents are (GraphQL specification, section 5.3.2). */
function shapeOf(type: GraphQLOutputType): string {
  if (isNonNullType(type)) return `${shapeOf(type.ofType)}!`;
  if (isListType(type)) return `[${shapeOf(type.ofType)}]`;
  return isLeafType(type) ? type.name : '{}';
}

const namesOfSchemas = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

function fieldNames(schema: GraphQLSchema): ReadonlySet<string> {
  let names = namesOfSchemas.get(schema);
  if (!names) {
    const types = Object.values(schema.getTypeMap());
    names = new Set(types.flatMap((type) => ('getFields' in type ? Object.keys(type.getFields()) : [])));
    namesOfSchemas.set(schema, names);
  }
  return names;
}
