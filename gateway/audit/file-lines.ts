import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** A line of a file, and where it stands. */
export interface FileLine {
  /** Without its end. */
  readonly bytes: Buffer;
  /** From 1. */
  readonly line: number;
  /** Where it begins in the file, unpacked; from 0. */
  readonly byte: number;
  /** Whether it has an end: the last line of a file that was cut has none. */
  readonly hasEnd: boolean;
}

const LINE_END = 0x0a;
const CHUNK_BYTES = 262_144;

/**
 * The lines of a file, one after the other; unpacked where the file is called `.gz`.
 *
 * @throws the system's errors, and those of what is packed wrongly
 */
export async function* readFileLines(file: string): AsyncGenerator<FileLine> {
  let rest: Buffer[] = [];
  let line = 1;
  let byte = 0;
  for await (const chunk of readChunks(file)) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1; end = chunk.indexOf(LINE_END, start)) {
      const part = chunk.subarray(start, end);
      const bytes = rest.length === 0 ? part : Buffer.concat([...rest, part]);
      yield { bytes, line, byte, hasEnd: true };
      rest = [];
      line += 1;
      byte += bytes.length + 1;
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield { bytes: Buffer.concat(rest), line, byte, hasEnd: false };
}

function readChunks(file: string): AsyncIterable<Buffer> {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  if (!file.endsWith('.gz')) return source as AsyncIterable<Buffer>;
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  source.on('error', (error) => unpacked.destroy(error));
  unpacked.on('close', () => source.destroy());
  return source.pipe(unpacked) as AsyncIterable<Buffer>;
}

/** A file's size and SHA-256, as it lies on the disk. */
export async function digestFile(file: string): Promise<{ bytes: number; sha256: string }> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    digest.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: digest.digest('hex') };
}
