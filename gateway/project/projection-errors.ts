import { answerError, type AnswerError } from '../errors.ts';

type Path = readonly (string | number)[];

/** A value that the schema does not allow at this place; the value itself is not told, it may be anything. */
export function valueError(typeName: string, fieldName: string, path: Path): AnswerError {
  return { ...answerError('INVALID_VALUE', `It was for ${typeName}.${fieldName}.`), path: [...path] };
}

/** An object whose `__typename` is not one that the client's schema knows. */
export function typeError(abstractTypeName: string, path: Path): AnswerError {
  return { ...answerError('INVALID_VALUE', `It is not a type of ${abstractTypeName}.`), path: [...path] };
}

/** Null, or nothing at all, where the schema promises a value. */
export function nullError(typeName: string, fieldName: string, path: Path): AnswerError {
  return {
    ...answerError('INVALID_VALUE', `Cannot return null for non-nullable field ${typeName}.${fieldName}.`),
    path: [...path],
  };
}
