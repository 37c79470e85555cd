import type { Receiver } from './channel.ts';

/** The most that the head of an answer may be, in bytes. */
const MAX_HEAD_BYTES = 16_384;
/** The most that the line before a chunk, or the lines after the last one, may be, in bytes. */
const MAX_LINE_BYTES = 1_024;
/** How long an idle connection is kept where the server does not say, and at most, in milliseconds. */
const USUAL_KEEP_ALIVE_MS = 4_000;
const MAX_KEEP_ALIVE_MS = 600_000;
/** A server may count from earlier: its time is taken to be shorter by this. */
const KEEP_ALIVE_MARGIN_MS = 2_000;

/** An answer that is not HTTP/1.1 as RFC 9112 has it. It is given up rather than guessed at. */
export class ResponseSyntaxError extends Error {}

type State = 'head' | 'length' | 'untilClose' | 'chunkSize' | 'chunkData' | 'chunkEnd' | 'trailer' | 'done';

/**
 * Reads one HTTP/1.1 answer to a POST after the other (RFC 9112), from texts with a character for each byte. Whatever could
 * be read in two ways is refused: two lengths, a length beside chunks, another transfer coding, folded lines.
 */
export class ResponseReader {
  /** How long the connection may be idle after this answer, in milliseconds; 0 where it has to be closed. */
  keepAliveMs = 0;
  #state: State = 'head';
  /** What has come of a part that has not come whole. */
  #pending = '';
  /** Bytes of the body, or of the chunk, that are to come. */
  #left = 0;

  /** Whether the body ends with the connection. */
  get endsWithConnection(): boolean {
    return this.#state === 'untilClose';
  }

  /** Whether nothing of an answer has come. */
  get isFresh(): boolean {
    return this.#state === 'head' && this.#pending === '';
  }

  /**
   * Reads what has come. When the answer is whole it is ready for the next one.
   * @returns whether the answer is whole
   * @throws ResponseSyntaxError
   */
  read(text: string, isAscii: boolean, receiver: Receiver): boolean {
    let at = 0;
    const whole = this.#pending === '' ? text : this.#pending + text;
    this.#pending = '';
    while (at < whole.length && this.#state !== 'done') {
      const next = this.#step(whole, at, isAscii, receiver);
      if (next < 0) {
        this.#pending = whole.slice(at);
        return false;
      }
      at = next;
    }
    if (this.#state !== 'done') return false;
    this.#state = 'head';
    // Nobody asked for more.
    if (at < whole.length) this.keepAliveMs = 0;
    return true;
  }

  /** Reads one part from `at` on; gives where it ends, -1 where it has not come whole. */
  #step(text: string, at: number, isAscii: boolean, receiver: Receiver): number {
    switch (this.#state) {
      case 'head':
        return this.#head(text, at, receiver);
      case 'length':
      case 'chunkData':
        return this.#data(text, at, isAscii, receiver);
      case 'untilClose':
        receiver.onBytes(text.slice(at), isAscii);
        return text.length;
      case 'chunkSize':
        return this.#chunkSize(text, at);
      case 'chunkEnd':
        return this.#chunkEnd(text, at);
      default:
        return this.#trailer(text, at);
    }
  }

  #data(text: string, at: number, isAscii: boolean, receiver: Receiver): number {
    const end = Math.min(at + this.#left, text.length);
    this.#left -= end - at;
    receiver.onBytes(text.slice(at, end), isAscii);
    if (this.#left === 0) this.#state = this.#state === 'length' ? 'done' : 'chunkEnd';
    return end;
  }

  #chunkSize(text: string, at: number): number {
    const end = lineEnd(text, at);
    if (end < 0) return -1;
    const [, size] = /^([0-9a-f]{1,8})[\t ]*(?:;|$)/i.exec(text.slice(at, end)) ?? [];
    if (size === undefined) throw new ResponseSyntaxError('a chunk without its size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunkData';
    return end + 2;
  }

  #chunkEnd(text: string, at: number): number {
    if (text.length < at + 2) return -1;
    if (!text.startsWith('\r\n', at)) throw new ResponseSyntaxError('a chunk longer than its size');
    this.#state = 'chunkSize';
    return at + 2;
  }

  #trailer(text: string, at: number): number {
    const end = lineEnd(text, at);
    if (end < 0) return -1;
    if (end === at) this.#state = 'done';
    return end + 2;
  }

  #head(text: string, at: number, receiver: Receiver): number {
    const end = text.indexOf('\r\n\r\n', at);
    if ((end < 0 ? text.length : end) - at > MAX_HEAD_BYTES) throw new ResponseSyntaxError('a head without end');
    if (end < 0) return -1;
    const httpStatus = readStatus(text, at);
    // Such as "100 Continue": the answer itself is yet to come.
    if (httpStatus < 200) return end + 4;
    const fields = readFields(text, at, end);
    this.keepAliveMs = keepAliveOf(text.startsWith('HTTP/1.1', at), fields);
    this.#state = this.#framing(httpStatus, fields);
    receiver.onHead(httpStatus, fields.cacheControl);
    return end + 4;
  }

  #framing(httpStatus: number, { contentLength, transferEncoding }: Fields): State {
    if (httpStatus === 204 || httpStatus === 304) return 'done';
    if (transferEncoding !== undefined) {
      if (contentLength !== undefined || transferEncoding.toLowerCase() !== 'chunked')
        throw new ResponseSyntaxError('a body of unclear length');
      return 'chunkSize';
    }
    if (contentLength === undefined) {
      this.keepAliveMs = 0;
      return 'untilClose';
    }
    if (!/^\d{1,15}$/.test(contentLength)) throw new ResponseSyntaxError('a length that is no number');
    this.#left = Number(contentLength);
    return this.#left === 0 ? 'done' : 'length';
  }
}

/** Where the line ends that begins at `at`; -1 where its end has not come. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\r\n', at);
  if ((end < 0 ? text.length : end) - at > MAX_LINE_BYTES) throw new ResponseSyntaxError('a line without end');
  return end;
}

function readStatus(text: string, at: number): number {
  const version = text.slice(at, at + 9);
  const httpStatus = Number(text.slice(at + 9, at + 12));
  const after = text.charCodeAt(at + 12);
  if ((version !== 'HTTP/1.1 ' && version !== 'HTTP/1.0 ') || !(httpStatus >= 100) || (after !== 32 && after !== 13))
    throw new ResponseSyntaxError('not HTTP/1.1');
  if (httpStatus === 101) throw new ResponseSyntaxError('another protocol');
  return httpStatus;
}

/** The header fields that matter. */
interface Fields {
  contentLength?: string;
  transferEncoding?: string;
  connection?: string;
  keepAlive?: string;
  cacheControl?: string;
}

/** Names are compared only where their length is that of one that matters. */
function readFields(text: string, from: number, end: number): Fields {
  const fields: Fields = {};
  let at = text.indexOf('\r\n', from) + 2;
  while (at < end) {
    const colon = text.indexOf(':', at);
    const lineEnds = text.indexOf('\r\n', at);
    const first = text.charCodeAt(at);
    if (colon <= at || colon > lineEnds || first === 32 || first === 9)
      throw new ResponseSyntaxError('a header field without its name');
    const name = FIELDS_BY_LENGTH[colon - at];
    if (name !== undefined) takeField(fields, text.slice(at, colon).toLowerCase(), text.slice(colon + 1, lineEnds));
    at = lineEnds + 2;
  }
  return fields;
}

const FIELD_NAMES: Readonly<Record<string, keyof Fields>> = {
  'content-length': 'contentLength',
  'transfer-encoding': 'transferEncoding',
  connection: 'connection',
  'keep-alive': 'keepAlive',
  'cache-control': 'cacheControl',
};

const FIELDS_BY_LENGTH: readonly (true | undefined)[] = Object.keys(FIELD_NAMES).reduce<(true | undefined)[]>(
  (known, { length }) => {
    known[length] = true;
    return known;
  },
  Array.from({ length: 18 }),
);

function takeField(fields: Fields, name: string, value: string): void {
  const field = Object.hasOwn(FIELD_NAMES, name) ? FIELD_NAMES[name] : undefined;
  if (!field) return;
  const known = fields[field];
  if (known !== undefined && (field === 'contentLength' || field === 'transferEncoding'))
    throw new ResponseSyntaxError('a body of unclear length');
  fields[field] = known === undefined ? value.trim() : `${known}, ${value.trim()}`;
}

function keepAliveOf(isVersion11: boolean, { connection, keepAlive }: Fields): number {
  const isKept = isVersion11 ? !/\bclose\b/i.test(connection ?? '') : /\bkeep-alive\b/i.test(connection ?? '');
  if (!isKept) return 0;
  const [, seconds] = /\btimeout=(\d{1,9})/i.exec(keepAlive ?? '') ?? [];
  if (seconds === undefined) return USUAL_KEEP_ALIVE_MS;
  return Math.max(0, Math.min(Number(seconds) * 1_000 - KEEP_ALIVE_MARGIN_MS, MAX_KEEP_ALIVE_MS));
}
