import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
} from 'graphql';
import { answerError, type AnswerError } from '../errors.ts';
import { collectFields, type CollectContext, type SelectionGroup } from '../operation/collect-fields.ts';
import type { AccessConditions } from '../supergraph/access-conditions.ts';
import type { Decision } from './decision.ts';

/** A field of an operation, and what is decided about it. */
export interface FieldDecision {
  /** Where it stands in the answer; `@` for every item of a list. */
  path: readonly string[];
  /** `Type.field` */
  coordinate: string;
  decision: Decision;
}

/** A field of an operation that is not given as it is. */
export type Restriction = FieldDecision;

/** A field of an operation, for one of the types that an object can have there. */
interface SelectedField {
  path: readonly string[];
  typeName: string;
  fieldName: string;
}

/** Finds the fields of an operation, for each type that an object can have where they stand, that something is decided about. */
export function findRestrictions(
  operation: OperationDefinitionNode,
  context: CollectContext,
  decide: (typeName: string, fieldName: string) => Decision | undefined,
): Restriction[] {
  const found: Restriction[] = [];
  new FieldWalk(context, ({ path, typeName, fieldName }) => {
    const decision = decide(typeName, fieldName);
    if (decision) found.push({ path, coordinate: `${typeName}.${fieldName}`, decision });
    return decision === undefined || decision.mask !== undefined || decision.alternatives !== undefined;
  }).run(operation);
  return found;
}

/** What is decided about every field of an operation, also about those below fields that are refused. */
export function findDecisions(
  operation: OperationDefinitionNode,
  context: CollectContext,
  decide: (typeName: string, fieldName: string) => Decision | undefined,
): FieldDecision[] {
  const found: FieldDecision[] = [];
  new FieldWalk(context, ({ path, typeName, fieldName }) => {
    const decision = decide(typeName, fieldName);
    if (decision) found.push({ path, coordinate: `${typeName}.${fieldName}`, decision });
    return true;
  }).run(operation);
  return found;
}

/** Numbers of the conditions that an operation depends on, for one way its `@skip` and `@include` go. */
export function conditionsOf(
  operation: OperationDefinitionNode,
  context: CollectContext,
  { byField }: AccessConditions,
): number[] {
  const numbers = new Set<number>();
  new FieldWalk(context, ({ typeName, fieldName }) => {
    for (const number of byField.get(`${typeName}.${fieldName}`) ?? []) numbers.add(number);
    return true;
  }).run(operation);
  return [...numbers].toSorted((one, other) => one - other);
}

/**
 * Coordinates of the fields that an operation asks for, for each type that an object can have where they stand; each once.
 * @param isAskedFor whether a field is; where it is not, nothing below it is either
 */
export function coordinatesOf(
  operation: OperationDefinitionNode,
  context: CollectContext,
  isAskedFor: (typeName: string, fieldName: string) => boolean,
): string[] {
  const coordinates = new Set<string>();
  new FieldWalk(context, ({ typeName, fieldName }) => {
    const goesOn = isAskedFor(typeName, fieldName);
    if (goesOn) coordinates.add(`${typeName}.${fieldName}`);
    return goesOn;
  }).run(operation);
  return [...coordinates];
}

/** What a client is told of restrictions: an error for each field that is refused, whatever the record. */
export function refusalErrors(restrictions: readonly Restriction[]): AnswerError[] {
  return restrictions.flatMap(({ path, coordinate, decision }) =>
    decision.mask || decision.alternatives ? [] : [{ ...refusalError(coordinate, decision), path }],
  );
}

/** What a client is told of a field that is refused, but for where. */
export function refusalError(
  coordinate: string,
  { outcome, rule, text, department, accessClass, needs }: Decision,
): AnswerError {
  const error = answerError(outcome === 'NEEDS_CONSENT' ? 'CONSENT_REQUIRED' : 'UNAUTHORIZED_FIELD_OR_TYPE', text);
  const told = { coordinate, outcome, rule, department, class: accessClass, needs };
  return { ...error, extensions: { ...error.extensions, ...withoutUndefined(told) } };
}

/** What a client is told of values that others stand in for, whatever the record. */
export function maskedFields(restrictions: readonly Restriction[]): object[] {
  return restrictions.flatMap(({ path, coordinate, decision }) =>
    decision.mask && !decision.alternatives ? [{ path, coordinate, rule: decision.rule, text: decision.text }] : [],
  );
}

function withoutUndefined(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

type ParentType = GraphQLObjectType | GraphQLInterfaceType;

/** Walks the fields of an operation as its answer has them. */
class FieldWalk {
  readonly #context: CollectContext;
  readonly #visit: (field: SelectedField) => boolean;

  /** @param visit gives whether to go on below the field */
  constructor(context: CollectContext, visit: (field: SelectedField) => boolean) {
    this.#context = context;
    this.#visit = visit;
  }

  run({ operation, selectionSet }: OperationDefinitionNode): void {
    const root = this.#context.schema.getRootType(operation)!;
    this.#objects([root], [selectionSet], []);
  }

  #objects(types: readonly ParentType[], group: SelectionGroup, path: readonly string[]): void {
    // What several types have alike is gone through once: abstract types in abstract types would else multiply.
    const below = new Map<string, { type: GraphQLOutputType; inner: Set<SelectionGroup[number]>; path: string[] }>();
    for (const type of types)
      for (const { key, node, inner } of collectFields(type, group, this.#context)) {
        const fieldName = node.name.value;
        const field = type.getFields()[fieldName];
        if (!field) continue;
        const at = [...path, key];
        const goesOn = this.#visit({ path: at, typeName: type.name, fieldName });
        if (!goesOn || inner.length === 0) continue;
        const name = `${key} ${String(getNamedType(field.type))}`;
        const known = below.get(name) ?? {
          type: field.type,
          inner: new Set(),
          path: [...at, ...listSteps(field.type)],
        };
        for (const each of inner) known.inner.add(each);
        below.set(name, known);
      }
    for (const { type, inner, path: at } of below.values()) this.#objects(this.#objectTypes(type), [...inner], at);
  }

  #objectTypes(type: GraphQLOutputType): readonly ParentType[] {
    const named = getNamedType(type);
    if (isObjectType(named)) return [named];
    if (!isAbstractType(named)) return [];
    const possible = this.#context.schema.getPossibleTypes(named);
    // A department may know an interface as an object, and nobody a type of it.
    return possible.length === 0 && isInterfaceType(named) ? [named] : possible;
  }
}

function listSteps(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return listSteps(type.ofType as GraphQLOutputType);
  return isListType(type) ? ['@', ...listSteps(type.ofType)] : [];
}
