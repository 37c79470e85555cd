import type { AnswerMessage } from '../message.ts';

/**
 * How a request ended: `answered` whole, or in `part` with errors beside the data; `refused` for what it is or who asks; or `failed`, where
 * there is no data though it was run, or something is wrong with the gateway.
 */
export type Outcome = 'answered' | 'part' | 'refused' | 'failed';

/** All of them. */
export const OUTCOMES: readonly Outcome[] = ['answered', 'part', 'refused', 'failed'];

/** How a request with this answer ended. */
export function outcomeOf(answer: AnswerMessage): Outcome {
  if (answer.httpStatus >= 500) return 'failed';
  const hasErrors = answer.errors !== undefined && answer.errors.length > 0;
  if ('dataText' in answer || answer.data) return hasErrors ? 'part' : 'answered';
  return answer.data === undefined ? 'refused' : hasErrors ? 'failed' : 'answered';
}
