import { hash } from 'node:crypto';
import path from 'node:path';
import type { ReceiverConfigOf } from '../../config/dispatch-receivers.ts';
import {
  DeliveryError,
  digestOf,
  receiptFor,
  runKeyOf,
  withinSignal,
  type Delivery,
  type Receipt,
  type Receiver,
} from '../delivery.ts';
import { fileFormOf, type FileForm } from './file-form.ts';
import { RunFiles, type KeptRun } from './run-files.ts';

/**
 * A folder that files land in, one for each run, called by dispatch and run: whoever reads the folder never sees half of one.
 *
 * Parts are kept in a hidden folder inside it, on the same disk, until the last one comes; then the file is made whole there, flushed, and
 * renamed. What was taken is known for `keepDays`, also when the reader has taken the file away.
 */
export function openFolder(settings: ReceiverConfigOf<'folder'>): Receiver {
  const form = fileFormOf(settings);
  const folder = path.resolve(settings.folder);
  const description = `folder ${folder} (${settings.format})`;
  let last: Promise<unknown> = Promise.resolve();
  return {
    description,
    deliver(delivery, signal) {
      // One after the other, also where the one before is no longer waited for.
      const work = last.then(() => {
        signal.throwIfAborted();
        const files = new RunFiles(folder, fileName(delivery, form), settings.keepDays);
        return take(delivery, { files, form, description, maxRunBytes: settings.maxRunBytes }).catch(explain);
      });
      last = work.catch(() => undefined);
      return withinSignal(work, signal);
    },
    async close() {
      await withinSignal(last, AbortSignal.timeout(CLOSE_WITHIN_MS)).catch(() => undefined);
    },
  };
}

const CLOSE_WITHIN_MS = 5_000;

interface Taking {
  readonly files: RunFiles;
  readonly form: FileForm;
  readonly description: string;
  readonly maxRunBytes: number;
}

async function take(delivery: Delivery, taking: Taking): Promise<Receipt> {
  const { files, form, description } = taking;
  const run = (await files.read()) ?? { columns: namesOf(delivery), isWhole: false, bytes: 0, receipts: [] };
  const known = run.receipts[delivery.part - 1];
  if (known) {
    refuseOther(delivery, known);
    // The gateway may have been killed between saying so and doing so.
    if (run.isWhole) await files.putInPlace(run.receipts.length);
    return known;
  }
  refuseMisplaced(delivery, run);
  const [begin, rows] = [form.begin(delivery), form.rows(delivery)];
  const bytes = run.bytes + Buffer.byteLength(rows);
  if (bytes > taking.maxRunBytes)
    throw new DeliveryError('DELIVERY_TOO_LARGE', `A run may take ${taking.maxRunBytes} bytes (maxRunBytes).`);
  const receipt = receiptFor(delivery, description);
  await files.keepPart(delivery.part, rows);
  const taken = { ...run, bytes, receipts: [...run.receipts, receipt] };
  if (!delivery.isLast) await files.write(taken);
  else {
    await files.makeWhole(delivery.part, { begin, between: form.between, end: form.end });
    await files.write({ ...taken, isWhole: true });
    await files.putInPlace(delivery.part);
    await files.forgetOld();
  }
  return receipt;
}

function namesOf({ columns }: Delivery): string[] {
  return columns.map(({ name }) => name);
}

function refuseOther(delivery: Delivery, known: Receipt): void {
  if (known.idempotencyKey === delivery.idempotencyKey && known.digest === digestOf(delivery)) return;
  throw new DeliveryError('DELIVERY_CONFLICT', `Part ${delivery.part} of the run was taken with other content.`);
}

function refuseMisplaced(delivery: Delivery, run: KeptRun): void {
  const { part } = delivery;
  if (run.isWhole)
    throw new DeliveryError('DELIVERY_CONFLICT', `The run had ${run.receipts.length} parts; this is ${part}.`);
  if (run.receipts.length !== part - 1)
    throw new DeliveryError('DELIVERY_INCOMPLETE', `Part ${part} came when there were ${run.receipts.length}.`);
  if (namesOf(delivery).join('\n') !== run.columns.join('\n'))
    throw new DeliveryError('DELIVERY_UNFIT', `Part ${part} has other columns than part 1.`);
}

/** What the system says is wrong, said as what it means for the delivery. */
function explain(error: unknown): never {
  if (error instanceof DeliveryError) throw error;
  throw new DeliveryError('RECEIVER_UNAVAILABLE', (error as Error).message, { cause: error });
}

/** Names of files have at most 255 bytes, a letter up to 4, and endings come after it. */
const MAX_NAME_LENGTH = 50;

/** The same for the same run, sorted by run, and another one for each other run. */
function fileName(delivery: Delivery, { extension }: FileForm): string {
  const { dispatch, run } = delivery;
  const plain = dispatch.replaceAll(/[^\p{L}\p{N}_-]/gu, '_').slice(0, MAX_NAME_LENGTH);
  const apart = hash('sha256', runKeyOf(delivery)).slice(0, 8);
  return `${plain}-${String(run).padStart(6, '0')}-${apart}.${extension}`;
}
