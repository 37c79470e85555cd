import type { FieldNode, GraphQLInterfaceType, GraphQLObjectType } from 'graphql';
import { answerError, type AnswerError } from '../errors.ts';
import type { Verdicts } from '../execute/execution.ts';
import type { Unfilled } from '../execute/unfilled.ts';
import type { DecidedField, RecordGuard, RecordVerdict } from '../operation/field-access.ts';
import type { compileLeaf } from './leaf.ts';
import { nullError, valueError } from './projection-errors.ts';

/** What a projection works with while it runs. */
export interface Projection {
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
export const PROPAGATE = Symbol('propagate');

/** As {@link Complete}. @param object the object that has the field */
export type CompleteField = (
  value: unknown,
  projection: Projection,
  object: Readonly<Record<string, unknown>>,
) => unknown;
/** Makes of a value what the client is given, or {@link PROPAGATE}. */
export type Complete = (value: unknown, projection: Projection) => unknown;
/** Makes of an object what the client is given of it, or {@link PROPAGATE}. */
export type ProjectObject = (value: Readonly<Record<string, unknown>>, projection: Projection) => unknown;

/** A type that has fields. */
export type ParentType = GraphQLObjectType | GraphQLInterfaceType;

/** The field a value belongs to, for errors. */
export interface FieldContext {
  parent: ParentType;
  node: FieldNode;
}

/** Errors, and what is told of masks, for one field of an operation at most. */
const MAX_TOLD_PER_FIELD = 100;

/** Completes a field as it was decided about the object that has it; where nothing could be, it is not given either. */
export function completeGuarded(
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

/** Completes a list, with what completes each of its items. */
export function completeList(completeItem: Complete, field: FieldContext): Complete {
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

/** Completes a leaf, with what gives undefined for values that are not of its type. */
export function completeLeaf(leaf: ReturnType<typeof compileLeaf>, field: FieldContext): Complete {
  return (value, projection) => {
    if (value === null || value === undefined) return null;
    const completed = leaf(value);
    return completed === undefined ? invalid(field, projection) : completed;
  };
}

/** Completes an object, whose type is known. */
export function completeObject(project: ProjectObject, field: FieldContext): Complete {
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
export function isUnfilled(value: unknown, { unfilledAround }: Projection): boolean {
  return value === undefined && unfilledAround > 0;
}

/**
 * An error of a department that is about this place, about one above or below it, or about one beside it (which may have
 * taken the whole object with it) already says why the value is missing.
 */
export function reportNull(field: FieldContext, { errors, path }: Projection): void {
  const parent = path.slice(0, -1);
  const explained = errors.some((error) => error.path && (isPrefix(error.path, path) || isPrefix(parent, error.path)));
  if (!explained) errors.push(nullError(field.parent.name, field.node.name.value, path));
}

function isPrefix(start: readonly (string | number)[], whole: readonly (string | number)[]): boolean {
  return start.length <= whole.length && start.every((element, index) => element === whole[index]);
}

/** A client may call a field by a name that every object inherits. */
export function readOwn(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A client may call a field `__proto__`; as a plain assignment that would change the object's prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true });
  else target[key] = value;
}
