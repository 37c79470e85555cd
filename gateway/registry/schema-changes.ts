import { diff, type Change } from '@graphql-inspector/core';
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
import type { FieldUse } from './usage.ts';

/** One thing that is otherwise for who asks the graph. */
export interface FoundChange {
  /** `breaking`: who asks for it must change; `dangerous`: who asks for it may have to; `safe`: nobody has to. */
  readonly level: 'breaking' | 'dangerous' | 'safe';
  /** What is otherwise, in one sentence. */
  readonly message: string;
  /** What it is about: `Enterprise.name`, `Enterprise.filings.first`. */
  readonly path: string;
  /** Who asks for any of these fields is concerned. */
  readonly fields: readonly string[];
}

/** A change, with those whom it concerns. */
export interface SchemaChange extends Omit<FoundChange, 'fields'> {
  /** Who asked for it lately; empty where it does not matter. */
  readonly usedBy: readonly FieldUse[];
}

const LEVELS = { BREAKING: 'breaking', DANGEROUS: 'dangerous', NON_BREAKING: 'safe' } as const;
const GRAVITY = { breaking: 0, dangerous: 1, safe: 2 };

/** What is otherwise in an API, the gravest first. */
export async function findChanges(before: GraphQLSchema, after: GraphQLSchema): Promise<FoundChange[]> {
  const fields = new FieldsByType(before);
  const changes = (await diff(before, after)).map((change) => readChange(change, fields));
  return changes.toSorted((one, other) => GRAVITY[one.level] - GRAVITY[other.level]);
}

function readChange({ criticality, message, path = '' }: Change, fields: FieldsByType): FoundChange {
  const level = LEVELS[criticality.level];
  return {
    level,
    message: message.replaceAll("'", '"'),
    path,
    fields: level === 'safe' ? [] : fields.about(path),
  };
}

/** Which fields lead to what stands at a path: only fields are counted, so what else is used shows by them. */
class FieldsByType {
  readonly #schema: GraphQLSchema;
  #byType: Map<string, Set<string>> | undefined;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @param path `Type.field`, `Type.field.argument`, `Enum.VALUE`, `Input.field` or `Type` */
  about(path: string): string[] {
    const [typeName = '', fieldName] = path.split('.');
    const type = this.#schema.getType(typeName);
    if (type && fieldName !== undefined && (isObjectType(type) || isInterfaceType(type)))
      return [`${typeName}.${fieldName}`];
    return [...((this.#byType ??= this.#gather()).get(typeName) ?? [])];
  }

  #gather(): Map<string, Set<string>> {
    const byType = new Map<string, Set<string>>();
    const note = (type: GraphQLNamedType, coordinate: string): void => {
      if (!byType.has(type.name)) byType.set(type.name, new Set());
      byType.get(type.name)!.add(coordinate);
    };
    for (const parent of Object.values(this.#schema.getTypeMap())) {
      if (!isObjectType(parent) && !isInterfaceType(parent)) continue;
      for (const field of Object.values(parent.getFields()))
        for (const type of typesOf(field)) note(type, `${parent.name}.${field.name}`);
    }
    return byType;
  }
}

/** What a field gives, and everything that its arguments are made of. */
function typesOf(field: GraphQLField<unknown, unknown>): Set<GraphQLNamedType> {
  const found = new Set<GraphQLNamedType>([getNamedType(field.type)]);
  const add = (type: GraphQLNamedType): void => {
    if (found.has(type) || !(isInputObjectType(type) || isEnumType(type))) return;
    found.add(type);
    if (isInputObjectType(type)) for (const each of Object.values(type.getFields())) add(getNamedType(each.type));
  };
  for (const { type } of field.args) add(getNamedType(type));
  return found;
}
