import {
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type FieldNode,
  isInterfaceType,
  type GraphQLAbstractType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
} from 'graphql';
import { answerError, type AnswerError } from '../errors.ts';
import type { Verdicts } from '../execute/execution.ts';
import type { Unfilled } from '../execute/unfilled.ts';
import { compileLeaf } from './leaf.ts';
import {
  collectFields,
  type CollectedField,
  type CollectContext,
  type SelectionGroup,
} from '../operation/collect-fields.ts';
import type { DataKeys } from '../operation/data-keys.ts';
import type { DecidedField, FieldAccess, RecordGuard, RecordVerdict } from '../operation/field-access.ts';
import { withClientPaths } from './client-paths.ts';
import { compileIntrospection } from './introspect-field.ts';
import { nullError, typeError, valueError } from './projection-errors.ts';

/** Several departments may have been asked for the same field and have failed alike: one error for one field. */
function withoutRepeats(errors: readonly AnswerError[]): AnswerError[] {
  if (errors.length < 2) return [...errors];
  return [...new Map(errors.map((error) => [JSON.stringify([error.path, error.message]), error])).values()];
}

/** What a projection works with while it runs. */
interface Projection {
  /** As they were sent. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: AnswerError[];
  readonly verdicts: Verdicts;
  readonly unfilled: Unfilled;
  /** How many of the fields on the way to where the projection is are unfilled. */
  unfilledAround: number;
  /** What clients are told of values that others stand in for. */
  readonly masked: object[];
  /** What records decided, each once. */
  readonly decided: Map<string, DecidedField>;
  /** Where in the answer the projection is; pushed and popped as it goes, so that only errors pay for paths. */
  readonly path: (string | number)[];
}

/** A value that may not be null is: the nearest nullable field above becomes null (GraphQL specification, section 6.4.4). */
const PROPAGATE = Symbol('propagate');

/** @param object the object that has the field */
type CompleteField = (value: unknown, projection: Projection, object: Readonly<Record<string, unknown>>) => unknown;
type Complete = (value: unknown, projection: Projection) => unknown;
type ProjectObject = (value: Readonly<Record<string, unknown>>, projection: Projection) => unknown;

export interface ProjectionInput {
  /** Merged data of the departments, by data key. */
  data: Readonly<Record<string, unknown>>;
  /** The departments' errors, their paths made of data keys. */
  errors: readonly AnswerError[];
  /** What was decided about objects of the data. Default: nothing */
  verdicts?: Verdicts;
  /** What is missing for a reason that errors give. Default: nothing */
  unfilled?: Unfilled;
  /** As they were sent; the schema's own fields may depend on them. */
  variables?: Readonly<Record<string, unknown>> | undefined;
}

export interface ProjectionOutput {
  data: Record<string, unknown> | null;
  errors: AnswerError[];
  /** What clients are told of values that others stand in for because the record decides so. */
  masked: object[];
  /** What records decided about fields, each decision of a rule once. */
  decided: readonly DecidedField[];
}

/** A projection compiled once for an operation: merged data to exactly the answer the client asked for. */
export type CompiledProjection = (input: ProjectionInput) => ProjectionOutput;

/** What compiling a projection depends on beside the operation. */
export interface ProjectionContext extends CollectContext {
  dataKeys: DataKeys;
  /** What may not be seen is null, whatever the data hold: a key may be there because departments are joined by it. */
  access: FieldAccess;
}

/** Compiles the projection of a valid operation, for one way its `@skip` and `@include` can go. */
export function compileProjection(operation: OperationDefinitionNode, context: ProjectionContext): CompiledProjection {
  const type = context.schema.getRootType(operation.operation)!;
  const selections = [operation.selectionSet];
  const project = new ProjectionCompiler(operation, context).object(type, selections);
  return ({ data, errors, verdicts = new WeakMap(), unfilled = new WeakMap(), variables = {} }) => {
    const known = withoutRepeats(withClientPaths(errors, { type, selections, value: data }, context));
    const projection: Projection = {
      variables,
      errors: known,
      verdicts,
      unfilled,
      unfilledAround: 0,
      masked: [],
      decided: new Map(),
      path: [],
    };
    const projected = project(data, projection);
    return {
      data: projected === PROPAGATE ? null : (projected as Record<string, unknown>),
      errors: known,
      masked: projection.masked,
      decided: [...projection.decided.values()],
    };
  };
}

type ParentType = GraphQLObjectType | GraphQLInterfaceType;

interface CompiledField {
  key: string;
  dataKey: string;
  complete: CompleteField;
}

class ProjectionCompiler {
  readonly #operation: OperationDefinitionNode;
  readonly #context: ProjectionContext;

  constructor(operation: OperationDefinitionNode, context: ProjectionContext) {
    this.#operation = operation;
    this.#context = context;
  }

  object(type: GraphQLObjectType, selections: SelectionGroup): ProjectObject {
    return this.#fields(type, collectFields(type, selections, this.#context));
  }

  #fields(type: ParentType, collected: readonly CollectedField[]): ProjectObject {
    const fields = collected.map((field) => this.#field(type, field));
    return (value, projection) => {
      const result: Record<string, unknown> = {};
      const unfilled = projection.unfilled.get(value);
      for (const { key, dataKey, complete } of fields) {
        const around = unfilled?.has(dataKey) ? 1 : 0;
        projection.path.push(key);
        projection.unfilledAround += around;
        const completed = complete(readOwn(value, dataKey), projection, value);
        projection.unfilledAround -= around;
        projection.path.pop();
        if (completed === PROPAGATE) return PROPAGATE;
        setOwn(result, key, completed);
      }
      return result;
    };
  }

  #field(parent: ParentType, field: CollectedField): CompiledField {
    const { key, node, inner } = field;
    const dataKey = this.#context.dataKeys.get(node)!;
    if (node.name.value === '__typename') return { key, dataKey, complete: () => parent.name };
    if (node.name.value === '__schema' || node.name.value === '__type') {
      const introspect = compileIntrospection(field, { ...this.#context, operation: this.#operation });
      return { key, dataKey, complete: (_, { variables }) => introspect(variables) };
    }
    const { type } = parent.getFields()[node.name.value]!;
    const verdict = this.#context.access.of(parent.name, node.name.value);
    if (verdict?.kind === 'refused') return { key, dataKey, complete: () => (isNonNullType(type) ? PROPAGATE : null) };
    const complete = this.#type(type, inner, { parent, node });
    if (!verdict) return { key, dataKey, complete };
    if (verdict.kind === 'byRecord') {
      const at = { coordinate: `${parent.name}.${node.name.value}`, whenNull: isNonNullType(type) ? PROPAGATE : null };
      return { key, dataKey, complete: completeGuarded(verdict, complete, at) };
    }
    return { key, dataKey, complete: (value, projection) => complete(verdict.mask(value), projection) };
  }

  #type(type: GraphQLOutputType, inner: SelectionGroup, field: FieldContext): Complete {
    if (isNonNullType(type)) {
      const complete = this.#nullable(type.ofType, inner, field);
      return (value, projection) => {
        const errorsBefore = projection.errors.length;
        const completed = complete(value, projection);
        if (completed !== null && completed !== PROPAGATE) return completed;
        if (completed === null && projection.errors.length === errorsBefore && !isUnfilled(value, projection))
          reportNull(field, projection);
        return PROPAGATE;
      };
    }
    const complete = this.#nullable(type, inner, field);
    return (value, projection) => {
      const completed = complete(value, projection);
      return completed === PROPAGATE ? null : completed;
    };
  }

  /** Completes a value of a type that is not marked non-null; what is below may still propagate. */
  #nullable(type: GraphQLOutputType, inner: SelectionGroup, field: FieldContext): Complete {
    if (isListType(type)) return completeList(this.#type(type.ofType, inner, field), field);
    if (isLeafType(type)) return completeLeaf(compileLeaf(type), field);
    if (isObjectType(type)) return completeObject(this.object(type, inner), field);
    if (isAbstractType(type)) return this.#abstract(type, inner, field);
    throw new TypeError(`${String(type)} is not an output type`);
  }

  /**
   * Completes an object of an interface whatever its type is; undefined where the selections depend on its type.
   */
  #untyped(type: GraphQLInterfaceType, inner: SelectionGroup, field: FieldContext): Complete | undefined {
    const possible = this.#context.schema.getPossibleTypes(type);
    // Nobody but a department that knows the interface as an object may know any type of it.
    const types = possible.length > 0 ? possible : [type];
    const [first, ...others] = types.map((each) => collectFields(each, inner, this.#context));
    if (!first || !others.every((other) => isSameSelection(first, other))) return undefined;
    const onInterface = first.every(({ node }) => node.name.value in type.getFields());
    return onInterface ? completeObject(this.#fields(type, first), field) : undefined;
  }

  #abstract(type: GraphQLAbstractType, inner: SelectionGroup, field: FieldContext): Complete {
    const possible = new Map<unknown, GraphQLObjectType>(
      this.#context.schema.getPossibleTypes(type).map((each) => [each.name, each]),
    );
    const compiled = new Map<GraphQLObjectType, Complete>();
    const untyped = isInterfaceType(type) ? this.#untyped(type, inner, field) : undefined;
    return (value, projection) => {
      if (value === null || value === undefined) return null;
      const typeName = (value as { __typename?: unknown }).__typename;
      const runtimeType = possible.get(typeName);
      if (!runtimeType) {
        // A department that knows the interface as an object gives the interface's name, or was not asked for one.
        if (untyped && (typeName === undefined || typeName === type.name)) return untyped(value, projection);
        const isExplained = projection.unfilled.get(value)?.has('__typename') ?? false;
        if (!isExplained) projection.errors.push(typeError(type.name, projection.path));
        return null;
      }
      // Compiled when first met: abstract types inside abstract types would else multiply with every level.
      let complete = compiled.get(runtimeType);
      if (!complete) compiled.set(runtimeType, (complete = completeObject(this.object(runtimeType, inner), field)));
      return complete(value, projection);
    };
  }
}

function isSameSelection(one: readonly CollectedField[], other: readonly CollectedField[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ key, nodes }, index) => other[index]!.key === key && isSameList(nodes, other[index]!.nodes))
  );
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((element, index) => element === other[index]);
}

/** The field a value belongs to, for errors. */
export interface FieldContext {
  parent: ParentType;
  node: FieldNode;
}

/** Errors, and what is told of masks, for one field of an operation at most. */
const MAX_TOLD_PER_FIELD = 100;

/** Completes a field as it was decided about the object that has it; where nothing could be, it is not given either. */
function completeGuarded(
  guard: RecordGuard,
  complete: Complete,
  { coordinate, whenNull }: { coordinate: string; whenNull: unknown },
): CompleteField {
  const tell = (told: object[], one: object): void => {
    if (told.filter((each) => (each as { coordinate?: string }).coordinate === coordinate).length < MAX_TOLD_PER_FIELD)
      told.push(one);
  };
  return (value, projection, object) => {
    const path = [...projection.path];
    const verdict = projection.verdicts.get(object)?.get(guard.id);
    if (verdict) noteDecided(coordinate, verdict, projection);
    switch (verdict?.kind) {
      case 'given':
        return complete(value, projection);
      case 'masked':
        tell(projection.masked, { path, ...verdict.told(coordinate) });
        return complete(verdict.mask(value), projection);
      case 'refused':
        projection.errors.push({ ...verdict.error(coordinate), path });
        return whenNull;
      case undefined:
        projection.errors.push({ ...answerError('ACCESS_UNDECIDED', `It is ${coordinate}.`), path });
        return whenNull;
    }
  };
}

function noteDecided(coordinate: string, { outcome, rule }: RecordVerdict, { decided }: Projection): void {
  const key = `${coordinate}\n${outcome}\n${rule}`;
  if (!decided.has(key)) decided.set(key, { coordinate, outcome, rule });
}

function completeList(completeItem: Complete, field: FieldContext): Complete {
  return (value, projection) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return invalid(field, projection);
    const result: unknown[] = new Array(value.length);
    const { path } = projection;
    for (let index = 0; index < value.length; index++) {
      path.push(index);
      const completed = completeItem(value[index], projection);
      path.pop();
      if (completed === PROPAGATE) return PROPAGATE;
      result[index] = completed;
    }
    return result;
  };
}

function completeLeaf(leaf: ReturnType<typeof compileLeaf>, field: FieldContext): Complete {
  return (value, projection) => {
    if (value === null || value === undefined) return null;
    const completed = leaf(value);
    return completed === undefined ? invalid(field, projection) : completed;
  };
}

function completeObject(project: ProjectObject, field: FieldContext): Complete {
  return (value, projection) => {
    if (value === null || value === undefined) return null;
    if (typeof value !== 'object' || Array.isArray(value)) return invalid(field, projection);
    return project(value as Record<string, unknown>, projection);
  };
}

function invalid(field: FieldContext, { errors, path }: Projection): null {
  errors.push(valueError(field.parent.name, field.node.name.value, path));
  return null;
}

/** The value is missing together with others, and an error about one of them says why. */
function isUnfilled(value: unknown, { unfilledAround }: Projection): boolean {
  return value === undefined && unfilledAround > 0;
}

/**
 * An error of a department that is about this place, about one above or below it, or about one beside it (which may have
 * taken the whole object with it) already says why the value is missing.
 */
function reportNull(field: FieldContext, { errors, path }: Projection): void {
  const parent = path.slice(0, -1);
  const explained = errors.some((error) => error.path && (isPrefix(error.path, path) || isPrefix(parent, error.path)));
  if (!explained) errors.push(nullError(field.parent.name, field.node.name.value, path));
}

function isPrefix(start: readonly (string | number)[], whole: readonly (string | number)[]): boolean {
  return start.length <= whole.length && start.every((element, index) => element === whole[index]);
}

/** A client may call a field by a name that every object inherits. */
function readOwn(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A client may call a field `__proto__`; as a plain assignment that would change the object's prototype. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true });
  else target[key] = value;
}
