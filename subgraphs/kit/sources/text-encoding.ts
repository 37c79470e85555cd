import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { analyse } from 'chardet';
import { z } from 'zod';

/** What a text file's bytes are. */
export interface TextEncoding {
  /** As `TextDecoder` calls it. */
  label: string;
  /** Whether the file says so itself, by its mark or by being what nothing else is. Else it is the likeliest. */
  isCertain: boolean;
}

/** The setting of a manifest for files that are not what they look like. */
export const encodingSetting = z
  .string()
  .refine(canDecode, 'must be an encoding as TextDecoder calls it, such as utf-8 or gb18030')
  .optional()
  .describe('an encoding, such as gb18030');

/** How much of a file tells what it is. */
const START_BYTES = 65_536;

/** How much of what is not ASCII is looked at. */
const SAMPLE_BYTES = 65_536;

/** Marks at a file's beginning. */
const MARKS: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/**
 * Finds out how a file is encoded: by its mark; as UTF-8, where all of it is; else the likeliest of what is about. Reads the file
 * once, in constant memory.
 */
export async function recogniseEncoding(path: string, signal: AbortSignal): Promise<TextEncoding> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let isUtf8 = true;
  let isFirst = true;
  let sample: Buffer | undefined;
  for await (const chunk of createReadStream(path, { signal, highWaterMark: SAMPLE_BYTES }) as AsyncIterable<Buffer>) {
    if (isFirst) {
      const marked = MARKS.find(([mark]) => mark.every((byte, at) => chunk[at] === byte));
      if (marked) return { label: marked[1], isCertain: true };
      const wide = wideWithoutMark(chunk);
      if (wide) return { label: wide, isCertain: false };
      isFirst = false;
    }
    if (!sample && chunk.some((byte) => byte >= 0x80)) sample = chunk;
    isUtf8 &&= decodes(utf8, chunk);
    // Nothing of the rest can change it any more.
    if (!isUtf8 && sample) break;
  }
  if (isUtf8 && decodes(utf8)) return { label: 'utf-8', isCertain: true };
  return { label: likeliest(sample ?? Buffer.alloc(0)), isCertain: false };
}

/** A file's text, piece by piece; a mark at its beginning is none of it. */
export async function* decodedFile(path: string, encoding: string, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>)
    yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The beginning of a file's text. */
export async function startOf(path: string, encoding: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return new TextDecoder(encoding).decode(buffer.subarray(0, bytesRead), { stream: true });
  } finally {
    await file.close();
  }
}

function decodes(decoder: TextDecoder, chunk?: Buffer): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}

/** Text in UTF-16 has a zero byte beside each sign of ASCII, and delimiters are such signs. */
function wideWithoutMark(start: Buffer): string | undefined {
  const bytes = start.subarray(0, 1_000);
  const zeros = [0, 0];
  bytes.forEach((byte, at) => (zeros[at % 2]! += byte === 0 ? 1 : 0));
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) < bytes.length / 10) return undefined;
  return odd > even ? 'utf-16le' : 'utf-16be';
}

function likeliest(sample: Buffer): string {
  const known = analyse(sample).find(({ name }) => name !== 'UTF-8' && name !== 'ASCII' && canDecode(name));
  // What chardet calls Latin 1 is what Windows writes, with more signs in it.
  return known === undefined || known.name === 'ISO-8859-1' ? 'windows-1252' : known.name.toLowerCase();
}

function canDecode(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
