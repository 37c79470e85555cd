/** The thread that reads the trail, with a connection of its own: looking far back makes no request wait for its record. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import { findRecords } from './find.ts';
import { openSubjectSecret, subjectDigest } from './subject-secret.ts';
import { openStore } from './open-store.ts';
import type { Numbered, ReaderAnswer, ReaderQuestion, ThreadMessage } from './thread-link.ts';

const settings = workerData as Config['audit'];
const store = await openStore(settings.store, { readOnly: true, timeoutMs: settings.maxDelayMs });
const secret = await openSubjectSecret(settings.secretFile);

parentPort!.on('message', (question: Numbered<ReaderQuestion>) => void answer(question).then(tell));
tell({ ready: { description: store.description, isDurable: store.isDurable } });

function tell(message: ThreadMessage<ReaderAnswer>): void {
  parentPort!.postMessage(message);
}

async function answer({ id, query }: Numbered<ReaderQuestion>): Promise<ThreadMessage<ReaderAnswer>> {
  const named = query.by === 'subject' ? { ...query, of: subjectDigest(secret, query.of) } : query;
  try {
    return { id, answer: { found: await findRecords(store, named) } };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}
