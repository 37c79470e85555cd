import {
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
} from 'graphql';
import type { AnswerError } from '../errors.ts';
import type { Verdicts } from '../execute/execution.ts';
import type { Unfilled } from '../execute/unfilled.ts';
import {
  collectFields,
  type CollectedField,
  type CollectContext,
  type SelectionGroup,
} from '../operation/collect-fields.ts';
import type { DataKeys } from '../operation/data-keys.ts';
import type { DecidedField, FieldAccess } from '../operation/field-access.ts';
import { withClientPaths } from './client-paths.ts';
import {
  completeGuarded,
  completeLeaf,
  completeList,
  completeObject,
  isUnfilled,
  PROPAGATE,
  readOwn,
  reportNull,
  setOwn,
  type Complete,
  type CompleteField,
  type FieldContext,
  type ParentType,
  type Projection,
  type ProjectObject,
} from './completion.ts';
import { compileIntrospection } from './introspect-field.ts';
import { compileLeaf } from './leaf.ts';
import { typeError } from './projection-errors.ts';

/** Several departments may have been asked for the same field and have failed alike: one error for one field. */
function withoutRepeats(errors: readonly AnswerError[]): AnswerError[] {
  if (errors.length < 2) return [...errors];
  return [...new Map(errors.map((error) => [JSON.stringify([error.path, error.message]), error])).values()];
}

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
        if (!isExplained && !isUnfilled(typeName, projection))
          projection.errors.push(typeError(type.name, projection.path));
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
