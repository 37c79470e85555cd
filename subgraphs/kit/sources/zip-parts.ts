import { open } from 'node:fs/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { UnfinishedFile } from './file-format.ts';

/** The files in a ZIP file, read one at a time. */
export interface ZipParts {
  has(name: string): boolean;
  /**
   * A part's text, piece by piece.
   * @throws Error where it is not there, is larger than it says or than can be read
   */
  text(name: string, signal: AbortSignal): AsyncGenerator<string>;
  close(): void;
}

/** What a part may come to. A sheet of a million rows has a hundred megabytes. */
const MAX_PART_BYTES = 512 * 1_048_576;
const MAX_PARTS = 10_000;

/** How a ZIP file begins, and what a file with a password or of the kind before 2007 does. */
const ZIP = Buffer.from('PK');
const COMPOUND = Buffer.from('d0cf11e0', 'hex');

/**
 * Opens a ZIP file by the list at its end.
 * @throws UnfinishedFile where it begins as one and has no such end; Error where it is none
 */
export async function openZip(path: string): Promise<ZipParts> {
  const start = await firstBytes(path);
  if (start.equals(COMPOUND))
    throw new Error('it has a password or is a file of before 2007; save it as .xlsx or .ods without one');
  if (!start.subarray(0, 2).equals(ZIP)) throw new Error('it is no spreadsheet: a ZIP file of XML');
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw new UnfinishedFile(`it is broken off: ${(error as Error).message}`);
  });
  try {
    return partsOf(zip, await entriesOf(zip));
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > MAX_PARTS) throw new Error(`it has more than ${MAX_PARTS} parts`);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  return entries;
}

function partsOf(zip: ZipFile, entries: ReadonlyMap<string, Entry>): ZipParts {
  return {
    has: (name) => entries.has(name),
    async *text(name, signal) {
      const entry = entries.get(name);
      if (!entry) throw new Error(`it has no part ${name}`);
      // The reader holds a part to what it says of its size.
      if (entry.uncompressedSize > MAX_PART_BYTES)
        throw new Error(`its part ${name} comes to more than ${MAX_PART_BYTES} bytes`);
      const stream = await zip.openReadStreamPromise(entry);
      const decoder = new TextDecoder();
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          signal.throwIfAborted();
          yield decoder.decode(chunk, { stream: true });
        }
        yield decoder.decode();
      } finally {
        stream.destroy();
      }
    },
    close: () => zip.close(),
  };
}
