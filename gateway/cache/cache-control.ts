/** What a department's `cache-control` header allows (RFC 9111, section 5.2.2; RFC 5861). */
export interface CacheControl {
  /** Whether nothing of it may be remembered: `no-store`, or `no-cache`, since answers to POST cannot be asked about again. */
  isRefused: boolean;
  /** Who may be given it. Absent: it does not say. */
  scope?: 'PUBLIC' | 'PRIVATE';
  maxAgeSeconds?: number;
  /** What holds instead of `maxAgeSeconds` where callers share it. */
  sharedMaxAgeSeconds?: number;
  staleWhileRevalidateSeconds?: number;
  staleIfErrorSeconds?: number;
}

const DIRECTIVE = /([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,]*)))?/gi;

/** Reads a `cache-control` header. An age that is not a number is 0 (RFC 9111, section 4.2.1); of several the least counts. */
export function readCacheControl(header: string): CacheControl {
  const read: CacheControl = { isRefused: false };
  for (const [, name = '', quoted, plain] of header.matchAll(DIRECTIVE))
    takeDirective(read, name.toLowerCase(), quoted ?? plain);
  return read;
}

function takeDirective(read: CacheControl, name: string, value: string | undefined): void {
  switch (name) {
    case 'no-store':
    case 'no-cache':
      read.isRefused = true;
      break;
    case 'private':
      read.scope = 'PRIVATE';
      break;
    case 'public':
      read.scope ??= 'PUBLIC';
      break;
    case 'max-age':
      read.maxAgeSeconds = least(read.maxAgeSeconds, value);
      break;
    case 's-maxage':
      read.sharedMaxAgeSeconds = least(read.sharedMaxAgeSeconds, value);
      break;
    case 'stale-while-revalidate':
      read.staleWhileRevalidateSeconds = least(read.staleWhileRevalidateSeconds, value);
      break;
    case 'stale-if-error':
      read.staleIfErrorSeconds = least(read.staleIfErrorSeconds, value);
      break;
    case 'must-revalidate':
    case 'proxy-revalidate':
      read.staleWhileRevalidateSeconds = 0;
      read.staleIfErrorSeconds = 0;
      break;
    default:
    // What is not known says nothing (RFC 9111, section 5.2.3).
  }
}

function least(known: number | undefined, value: string | undefined): number {
  return Math.min(known ?? Number.POSITIVE_INFINITY, secondsOf(value));
}

/** Seconds that a header says; 0 where it is no number of them. */
export function secondsOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : 0;
}
