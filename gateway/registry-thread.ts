/** The thread that tries changes: composing takes seconds where there are many subgraphs, and whoever asks for a supergraph does not wait for it. */
import { parentPort } from 'node:worker_threads';
import { Trials } from './registry/trial.ts';
import type { ThreadAnswer, ThreadQuestion } from './registry/trier.ts';
import { tryRules } from './registry-rules.ts';

const trials = new Trials();

parentPort!.on('message', (question: ThreadQuestion) => {
  void answer(question).then((message) => parentPort!.postMessage(message));
});

async function answer(question: ThreadQuestion): Promise<ThreadAnswer> {
  try {
    return { answer: await answerOf(question) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function answerOf(question: ThreadQuestion): Promise<unknown> {
  switch (question.kind) {
    case 'try':
      return trials.try(question.of);
    case 'compare':
      return trials.compare(question.of);
    case 'show':
      return trials.show(question.of);
    case 'rules':
      return tryRules(question.of);
  }
}
