import type { Deadline } from '../deadline.ts';
import type { AnswerMessage, RequestMessage } from '../message.ts';
import { runExplained, type ExplainParts } from './explain-run.ts';

/**
 * Answers requests as the gateway does, with `extensions.explain`: how the answer came about. An answer that cannot be
 * explained is given without.
 *
 * @param parts `onFault` is told where explaining failed
 */
export function explainRequests({
  onFault,
  ...parts
}: ExplainParts & { onFault(error: unknown): void }): (
  request: RequestMessage,
  deadline: Deadline,
) => Promise<AnswerMessage> {
  return async (request, deadline) => {
    const { answer, explain } = await runExplained(parts, request, deadline);
    try {
      const explanation = await explain();
      if (!explanation) return answer;
      // The program's text is for `switchyard explain --code`: it is longer than most answers.
      const { program: _, timings, ...rest } = explanation;
      // Addresses and causes stay in the process; the code is for clients.
      const requests = timings.requests.map(({ error, ...each }) => (error ? { ...each, error: error.code } : each));
      // What the trail has the digest of is the answer without what explains it.
      const { recorded, ...told } = answer;
      const named = recorded && { recorded: { queryId: recorded.queryId } };
      return { ...told, ...named, extensions: { explain: { ...rest, timings: { ...timings, requests } } } };
    } catch (error) {
      onFault(error);
      return answer;
    }
  };
}
