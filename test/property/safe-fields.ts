import {
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { baseName, type SubgraphFacts } from './sdl-facts.ts';

/**
 * Fields that must be there even when nobody asked for them. The planner adds keys and required fields to what it
 * fetches; one of them that failed and is non-null would take down an object that is fine for the client. No gateway
 * can mend that, so the data never has it.
 */
export class SafeFields {
  readonly fields = new Set<string>();
  /** Types whose non-null fields are all safe: they are nested in a key or in what is required. */
  readonly types = new Set<string>();
  readonly #schema: GraphQLSchema;

  constructor(schema: GraphQLSchema, subgraphs: readonly SubgraphFacts[]) {
    this.#schema = schema;
    for (const { types } of subgraphs) {
      for (const type of types.values()) {
        for (const key of type.keys) this.#add(type.name, key, true);
        for (const { requires } of type.fields.values()) if (requires) this.#add(type.name, requires, false);
      }
    }
    this.#addDifferingNullability(subgraphs);
  }

  #add(typeName: string, selectionSet: SelectionSetNode, isKey: boolean): void {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        this.#add(selection.typeCondition?.name.value ?? typeName, selection.selectionSet, isKey);
      else if (selection.kind === Kind.FIELD) this.#addField(typeName, selection, isKey);
    }
  }

  #addField(typeName: string, { name, selectionSet }: FieldNode, isKey: boolean): void {
    if (name.value === '__typename') return;
    for (const each of this.#withPossible(typeName)) {
      const field = this.#fields(each)[name.value];
      if (!field) continue;
      if (isKey || String(field.type).endsWith('!')) this.fields.add(`${each}.${name.value}`);
      if (!selectionSet) continue;
      const below = String(field.type).replace(/[[\]!]/g, '');
      this.#addType(below);
      this.#add(below, selectionSet, isKey);
    }
  }

  #addType(typeName: string): void {
    for (const each of this.#withPossible(typeName)) {
      if (this.types.has(each)) continue;
      this.types.add(each);
      for (const field of Object.values(this.#fields(each)))
        if (String(field.type).endsWith('!')) this.#addType(String(field.type).replace(/[[\]!]/g, ''));
    }
  }

  /** Where subgraphs differ, the strict one would take down more than the composed schema allows. */
  #addDifferingNullability(subgraphs: readonly SubgraphFacts[]): void {
    const known = new Map<string, string>();
    for (const { types } of subgraphs) {
      for (const type of types.values()) {
        for (const field of type.fields.values()) {
          const id = `${type.name}.${field.name}`;
          const shape = shapeOf(field.type);
          if ((known.get(id) ?? shape) !== shape) {
            this.fields.add(id);
            this.#addType(baseName(field.type));
          }
          known.set(id, shape);
        }
      }
    }
  }

  #withPossible(typeName: string): string[] {
    const type = this.#schema.getType(typeName);
    if (!type || isObjectType(type) || !('getTypes' in type || isInterfaceType(type))) return [typeName];
    return [typeName, ...this.#schema.getPossibleTypes(type).map(({ name }) => name)];
  }

  #fields(typeName: string): Record<string, GraphQLField<unknown, unknown>> {
    const type = this.#schema.getType(typeName);
    return isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
  }
}

function shapeOf(type: TypeNode): string {
  if (type.kind === Kind.NAMED_TYPE) return '';
  return type.kind === Kind.LIST_TYPE ? `[${shapeOf(type.type)}]` : `${shapeOf(type.type)}!`;
}
