/**
 * GraphiQL's page and the files it loads, from our own bundle (`tools/bundle-graphiql.ts`): nothing comes from another host.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** An operation the page offers as a tab. */
export interface SavedOperation {
  name: string;
  /** The operation's GraphQL text; it must run without variables being given. */
  text: string;
}

export interface GraphiqlOptions {
  /** The first tabs of somebody who opens the page for the first time, in this order. */
  tabs: readonly SavedOperation[];
  /** Where the bundle lies; `dist` beside this file unless told otherwise. */
  folder?: string;
}

/** What the page's files need to know of a GET or HEAD request. */
export interface FileRequest {
  /** The path without the query, for example `/graphiql/tabs.json`. */
  path: string;
  /** The `accept-encoding` header. */
  acceptEncoding?: string | undefined;
  /** The `if-none-match` header. */
  ifNoneMatch?: string | undefined;
}

export interface FileAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface Graphiql {
  /** Answers `/`, `/graphiql` and what lies under `/graphiql/`; undefined for any other path and for a file that is not there. */
  handle(request: FileRequest): FileAnswer | undefined;
}

type Encoding = 'br' | 'gzip' | 'identity';

interface PageFile {
  contentType: string;
  cacheControl: string;
  etag: string;
  bodies: Partial<Record<Encoding, Uint8Array>> & { identity: Uint8Array };
}

const INDEX = 'index.html';
const TABS = 'tabs.json';
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
};

// Monaco writes its theme into style elements, and its style sheet holds fonts and small images as data.
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const BUNDLE_MISSING = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>Switchyard: GraphiQL is not bundled</title>
  <body style="max-width: 40rem; margin: 4rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color-scheme: light dark">
    <h1>GraphiQL is not bundled yet</h1>
    <p>The gateway runs and answers at <code>/graphql</code>. To get this page, run <code>npm run prepare</code> in the
    project's folder, then start the gateway again.</p>
  </body>
</html>
`;

/** Reads the bundle once; a missing bundle is no error, but a page that says what to run. */
export function openGraphiql({ tabs, folder = path.join(import.meta.dirname, 'dist') }: GraphiqlOptions): Graphiql {
  const files = readBundle(folder);
  files.set(TABS, pageFile(TABS, { identity: Buffer.from(JSON.stringify(tabs)) }));
  return { handle: (request) => handle(files, request) };
}

function handle(files: ReadonlyMap<string, PageFile>, request: FileRequest): FileAnswer | undefined {
  // The page's own addresses are relative, and would point a folder too deep from here.
  if (request.path === '/graphiql/') return answer(308, { location: '../graphiql' });
  const name = fileName(request.path);
  if (name === undefined) return undefined;
  const file = files.get(name);
  if (file) return answerFile(file, request);
  if (name !== INDEX) return undefined;
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  return answer(503, headers, Buffer.from(BUNDLE_MISSING));
}

function fileName(requestPath: string): string | undefined {
  if (requestPath === '/' || requestPath === '/graphiql') return INDEX;
  return requestPath.startsWith('/graphiql/') ? requestPath.slice('/graphiql/'.length) : undefined;
}

function answerFile(file: PageFile, request: FileRequest): FileAnswer {
  const encoding = chooseEncoding(file, request.acceptEncoding);
  const etag = encoding === 'identity' ? `"${file.etag}"` : `"${file.etag}-${encoding}"`;
  const headers: Record<string, string> = { etag, 'cache-control': file.cacheControl, vary: 'accept-encoding' };
  if (request.ifNoneMatch !== undefined && namesTag(request.ifNoneMatch, etag)) return answer(304, headers);
  headers['content-type'] = file.contentType;
  if (encoding !== 'identity') headers['content-encoding'] = encoding;
  return answer(200, headers, file.bodies[encoding]);
}

function answer(status: number, headers: Record<string, string>, body: Uint8Array = new Uint8Array()): FileAnswer {
  return { status, headers: { ...SECURITY_HEADERS, ...headers }, body };
}

/** The smallest form that the client takes; https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 */
function chooseEncoding(file: PageFile, acceptEncoding = ''): Encoding {
  const accepted = new Set<string>();
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if (!refused) accepted.add(name);
  }
  if (accepted.has('br') && file.bodies.br) return 'br';
  return accepted.has('gzip') && file.bodies.gzip ? 'gzip' : 'identity';
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2: a weak comparison over a list, or `*`. */
function namesTag(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}

function readBundle(folder: string): Map<string, PageFile> {
  const names = new Set(listFolder(folder));
  const read = (name: string): Buffer | undefined =>
    names.has(name) ? readFileSync(path.join(folder, name)) : undefined;
  const files = new Map<string, PageFile>();
  for (const name of names) {
    if (!(path.extname(name) in CONTENT_TYPES) || name === 'stamp.json') continue;
    const identity = readFileSync(path.join(folder, name));
    const br = read(`${name}.br`);
    const gzip = read(`${name}.gz`);
    files.set(name, pageFile(name, { identity, ...(br && { br }), ...(gzip && { gzip }) }));
  }
  return files;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function pageFile(name: string, bodies: PageFile['bodies']): PageFile {
  return {
    contentType: CONTENT_TYPES[path.extname(name)] ?? 'application/octet-stream',
    // The bundler puts a hash of the content into every name but these.
    cacheControl: /-[A-Z0-9]{8}\.\w+$/.test(name) ? FOR_EVER : ASK_EACH_TIME,
    etag: createHash('sha256').update(bodies.identity).digest('base64url').slice(0, 22),
    bodies,
  };
}
