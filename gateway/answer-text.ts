import type { AnswerError } from './errors.ts';
import type { AnswerMessage, AnswerText, TextAnswer } from './message.ts';

/** The body that an answer is sent as. */
export function answerText(answer: AnswerMessage): AnswerText {
  if ('dataText' in answer) return { text: joined(answer), encoding: 'latin1' };
  const { data, errors, extensions } = answer;
  // Errors come first, where a person who looks at the answer sees them (GraphQL specification, section 7.1.3).
  const text = JSON.stringify({
    ...(errors ? { errors } : {}),
    ...(data === undefined ? {} : { data }),
    ...(extensions ? { extensions } : {}),
  });
  return { text, encoding: 'utf8' };
}

function joined({ dataText, errors, extensions }: TextAnswer): string {
  const before = errors ? `"errors":${refusalsText(errors)},` : '';
  const after = extensions ? `,"extensions":${bytesText(extensions)}` : '';
  return `{${before}"data":${dataText}${after}}`;
}

const refusalTexts = new WeakMap<readonly AnswerError[], string>();

/** Refusals are one list for all answers of an operation to callers of one authority. */
function refusalsText(errors: readonly AnswerError[]): string {
  let text = refusalTexts.get(errors);
  if (text === undefined) refusalTexts.set(errors, (text = bytesText(errors)));
  return text;
}

/** JSON as the text of an answer is: a character for each byte of its UTF-8. */
function bytesText(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('latin1');
}
