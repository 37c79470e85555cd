import { isAscii } from 'node:buffer';
import type { AnswerFields, Receiver } from './channel.ts';

/** The most that the head of an answer may be, in bytes. */
const MAX_HEAD_BYTES = 16_384;
/** The most that the line before a chunk, or the lines after the last one, may be, in bytes. */
const MAX_LINE_BYTES = 1_024;
/** How long an idle connection is kept where the server does not say, and at most, in milliseconds. */
const USUAL_KEEP_ALIVE_MS = 4_000;
const MAX_KEEP_ALIVE_MS = 600_000;
/** A server may count from earlier: its time is taken to be shorter by this. */
const KEEP_ALIVE_MARGIN_MS = 2_000;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;

const LENGTH = /^\d{1,15}$/;

/** An answer that is not HTTP/1.1 as RFC 9112 has it. It is given up rather than guessed at. */
export class ResponseSyntaxError extends Error {}

type State = 'head' | 'length' | 'untilClose' | 'chunkSize' | 'chunkData' | 'chunkEnd' | 'trailer' | 'done';

/**
 * Reads one HTTP/1.1 answer to a POST after the other (RFC 9112). Whatever could
 * be read in two ways is refused: two lengths, a length beside chunks, another transfer coding, folded lines.
 */
export class ResponseReader {
  /** How long the connection may be idle after this answer, in milliseconds; 0 where it has to be closed. */
  keepAliveMs = 0;
  #state: State = 'head';
  /** What has come of a part that has not come whole. */
  #pending: Buffer | undefined;
  /** Bytes of the body, or of the chunk, that are to come. */
  #left = 0;
  #known: KnownHead | undefined;

  /** Whether the body ends with the connection. */
  get endsWithConnection(): boolean {
    return this.#state === 'untilClose';
  }

  /**
   * Reads what has come; the buffer is not kept. When the answer is whole it is ready for the next one.
   * @returns whether the answer is whole
   * @throws ResponseSyntaxError
   */
  read(bytes: Buffer, receiver: Receiver): boolean {
    let at = 0;
    const whole = this.#pending ? Buffer.concat([this.#pending, bytes]) : bytes;
    this.#pending = undefined;
    while (at < whole.length && this.#state !== 'done') {
      const next = this.#step(whole, at, receiver);
      if (next < 0) {
        this.#pending = Buffer.from(whole.subarray(at));
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
  #step(bytes: Buffer, at: number, receiver: Receiver): number {
    switch (this.#state) {
      case 'head':
        return this.#head(bytes, at, receiver);
      case 'length':
      case 'chunkData':
        return this.#data(bytes, at, receiver);
      case 'untilClose':
        handOn(bytes, at, bytes.length, receiver);
        return bytes.length;
      case 'chunkSize':
        return this.#chunkSize(bytes, at);
      case 'chunkEnd':
        return this.#chunkEnd(bytes, at);
      default:
        return this.#trailer(bytes, at);
    }
  }

  #data(bytes: Buffer, at: number, receiver: Receiver): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#left -= end - at;
    handOn(bytes, at, end, receiver);
    if (this.#left === 0) this.#state = this.#state === 'length' ? 'done' : 'chunkEnd';
    return end;
  }

  #chunkSize(bytes: Buffer, at: number): number {
    const end = lineEnd(bytes, at);
    if (end < 0) return -1;
    const [, size] = /^([0-9a-f]{1,8})[\t ]*(?:;|$)/i.exec(bytes.toString('latin1', at, end)) ?? [];
    if (size === undefined) throw new ResponseSyntaxError('a chunk without its size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunkData';
    return end + 2;
  }

  #chunkEnd(bytes: Buffer, at: number): number {
    if (bytes.length < at + 2) return -1;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) throw new ResponseSyntaxError('a chunk longer than its size');
    this.#state = 'chunkSize';
    return at + 2;
  }

  #trailer(bytes: Buffer, at: number): number {
    const end = lineEnd(bytes, at);
    if (end < 0) return -1;
    if (end === at) this.#state = 'done';
    return end + 2;
  }

  #head(bytes: Buffer, at: number, receiver: Receiver): number {
    const end = bytes.indexOf('\r\n\r\n', at, 'latin1');
    if ((end < 0 ? bytes.length : end) - at > MAX_HEAD_BYTES) throw new ResponseSyntaxError('a head without end');
    if (end < 0) return -1;
    const head = bytes.toString('latin1', at, end + 2);
    const length = this.#known?.lengthIn(head);
    if (length === undefined) this.#newHead(head, receiver);
    else this.#knownHead(this.#known!, length, receiver);
    return end + 4;
  }

  #knownHead({ httpStatus, fields, keepAliveMs }: KnownHead, length: number, receiver: Receiver): void {
    this.keepAliveMs = keepAliveMs;
    this.#left = length;
    this.#state = length === 0 ? 'done' : 'length';
    receiver.onHead(httpStatus, fields);
  }

  #newHead(head: string, receiver: Receiver): void {
    const httpStatus = readStatus(head);
    // Such as "100 Continue": the answer itself is yet to come.
    if (httpStatus < 200) return;
    const fields = readFields(head);
    this.keepAliveMs = keepAliveOf(head.startsWith('HTTP/1.1'), fields);
    this.#state = this.#framing(httpStatus, fields);
    if (this.#state === 'length') this.#known = new KnownHead(head, httpStatus, fields, this.keepAliveMs);
    receiver.onHead(httpStatus, fields);
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
    if (!LENGTH.test(contentLength)) throw new ResponseSyntaxError('a length that is no number');
    this.#left = Number(contentLength);
    return this.#left === 0 ? 'done' : 'length';
  }
}

/** The text is made of just these bytes: read by position, a part of a longer one is slower. */
function handOn(bytes: Buffer, from: number, to: number, receiver: Receiver): void {
  receiver.onBytes(bytes.toString('latin1', from, to), isAscii(bytes.subarray(from, to)));
}

/** Where the line ends that begins at `at`; -1 where its end has not come. */
function lineEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf('\r\n', at, 'latin1');
  if ((end < 0 ? bytes.length : end) - at > MAX_LINE_BYTES) throw new ResponseSyntaxError('a line without end');
  return end;
}

function readStatus(head: string): number {
  const version = head.slice(0, 9);
  const httpStatus = Number(head.slice(9, 12));
  const after = head.charCodeAt(12);
  if ((version !== 'HTTP/1.1 ' && version !== 'HTTP/1.0 ') || !(httpStatus >= 100) || (after !== SPACE && after !== CR))
    throw new ResponseSyntaxError('not HTTP/1.1');
  if (httpStatus === 101) throw new ResponseSyntaxError('another protocol');
  return httpStatus;
}

/** The header fields that matter; all objects of one shape. */
class Fields implements AnswerFields {
  contentLength: string | undefined = undefined;
  transferEncoding: string | undefined = undefined;
  connection: string | undefined = undefined;
  keepAlive: string | undefined = undefined;
  cacheControl: string | undefined = undefined;
  age: string | undefined = undefined;
  retryAfter: string | undefined = undefined;
}

function readFields(head: string): Fields {
  const fields = new Fields();
  let at = head.indexOf('\r\n') + 2;
  while (at < head.length) {
    const colon = head.indexOf(':', at);
    const lineEnds = head.indexOf('\r\n', at);
    const first = head.charCodeAt(at);
    if (colon <= at || colon > lineEnds || first === SPACE || first === TAB)
      throw new ResponseSyntaxError('a header field without its name');
    const field = fieldAt(head, at, colon);
    if (field !== undefined) takeField(fields, field, head.slice(colon + 1, lineEnds).trim());
    at = lineEnds + 2;
  }
  return fields;
}

/** Names are compared only where their length is that of one that matters. */
function fieldAt(head: string, from: number, to: number): keyof Fields | undefined {
  switch (to - from) {
    case 3:
      return head.slice(from, to).toLowerCase() === 'age' ? 'age' : undefined;
    case 10: {
      const name = head.slice(from, to).toLowerCase();
      return name === 'keep-alive' ? 'keepAlive' : name === 'connection' ? name : undefined;
    }
    case 11:
      return head.slice(from, to).toLowerCase() === 'retry-after' ? 'retryAfter' : undefined;
    case 13:
      return head.slice(from, to).toLowerCase() === 'cache-control' ? 'cacheControl' : undefined;
    case 14:
      return head.slice(from, to).toLowerCase() === 'content-length' ? 'contentLength' : undefined;
    case 17:
      return head.slice(from, to).toLowerCase() === 'transfer-encoding' ? 'transferEncoding' : undefined;
    default:
      return undefined;
  }
}

function takeField(fields: Fields, field: keyof Fields, value: string): void {
  const known = fields[field];
  if (known !== undefined && (field === 'contentLength' || field === 'transferEncoding'))
    throw new ResponseSyntaxError('a body of unclear length');
  fields[field] = known === undefined ? value : `${known}, ${value}`;
}

/**
 * The head of an answer whose length was known. Those of one server differ in the length alone, and once a second in the date: what is the
 * same is not read again.
 */
class KnownHead {
  readonly httpStatus: number;
  readonly fields: Fields;
  readonly keepAliveMs: number;
  /** What stands before the length, and after it. */
  readonly #before: string;
  readonly #after: string;

  constructor(head: string, httpStatus: number, fields: Fields, keepAliveMs: number) {
    this.httpStatus = httpStatus;
    this.fields = fields;
    this.keepAliveMs = keepAliveMs;
    const [before] = /^[^]*?\r\ncontent-length:[\t ]*/i.exec(head)!;
    this.#before = before;
    this.#after = head.slice(before.length + fields.contentLength!.length);
  }

  /** The length that a head says, where it says nothing else than this one. */
  lengthIn(head: string): number | undefined {
    const at = this.#before.length;
    const end = head.length - this.#after.length;
    if (end <= at || head.slice(0, at) !== this.#before || head.slice(end) !== this.#after) return undefined;
    const length = head.slice(at, end);
    return LENGTH.test(length) ? Number(length) : undefined;
  }
}

/** How long the last connection was kept, and what that was read from: a server says the same each time. */
const last: { isVersion11: boolean; connection: string | undefined; keepAlive: string | undefined; forMs: number } = {
  isVersion11: true,
  connection: 'close',
  keepAlive: undefined,
  forMs: 0,
};

function keepAliveOf(isVersion11: boolean, { connection, keepAlive }: Fields): number {
  if (isVersion11 !== last.isVersion11 || connection !== last.connection || keepAlive !== last.keepAlive)
    Object.assign(last, {
      isVersion11,
      connection,
      keepAlive,
      forMs: readKeepAlive(isVersion11, connection, keepAlive),
    });
  return last.forMs;
}

function readKeepAlive(isVersion11: boolean, connection = '', keepAlive = ''): number {
  const isKept = isVersion11 ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection);
  if (!isKept) return 0;
  const [, seconds] = /\btimeout=(\d{1,9})/i.exec(keepAlive) ?? [];
  if (seconds === undefined) return USUAL_KEEP_ALIVE_MS;
  return Math.max(0, Math.min(Number(seconds) * 1_000 - KEEP_ALIVE_MARGIN_MS, MAX_KEEP_ALIVE_MS));
}
