/** The thread that tries changes: composing takes seconds where there are many subgraphs, and whoever asks for a supergraph does not wait for it. */
import { parentPort } from 'node:worker_threads';
import type { FoundChange } from './schema-changes.ts';
import { Trials, type Comparison, type TrialAnswer, type TrialQuestion } from './trial.ts';

/** What the thread is asked. */
export type ThreadQuestion = { readonly try: TrialQuestion } | { readonly compare: Comparison };

/** What the thread says. */
export type ThreadAnswer = { readonly answer: TrialAnswer | readonly FoundChange[] } | { readonly failure: string };

const trials = new Trials();

parentPort!.on('message', (question: ThreadQuestion) => {
  void answer(question).then((message) => parentPort!.postMessage(message));
});

async function answer(question: ThreadQuestion): Promise<ThreadAnswer> {
  try {
    return { answer: await ('try' in question ? trials.try(question.try) : trials.compare(question.compare)) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
