import type { GraphQLSchema } from 'graphql';
import { answerError, type AnswerError } from '../errors.ts';
import type { UnsuppliedField, WholePlan } from '../plan/faults/dropped-members.ts';
import { readOwn, type DataObject } from './data.ts';
import { MAX_ERRORS_PER_FETCH } from './fetch-errors.ts';
import { compileTargetPath, findPositions } from './targets.ts';

/** Finds the objects that lack a field which no department could be asked for: its null would say that there is nothing. */
export function compileUnsupplied(
  { unsupplied = [] }: WholePlan,
  schema: GraphQLSchema,
): (data: DataObject) => AnswerError[] {
  const finders = unsupplied.map((field) => compileField(field, schema));
  return (data) => finders.flatMap((find) => find(data));
}

function compileField(
  { path, typeName, key }: UnsuppliedField,
  schema: GraphQLSchema,
): (data: DataObject) => AnswerError[] {
  const targetPath = compileTargetPath(path, schema);
  const error = answerError('PLANNING_FAILED', `No department can be asked for it of a ${typeName} in this place.`);
  return (data) =>
    findPositions(data, targetPath)
      .filter(({ object }) => readOwn(object, '__typename') === typeName)
      .slice(0, MAX_ERRORS_PER_FETCH)
      .map((position) => ({ ...error, path: [...position.path, key] }));
}
