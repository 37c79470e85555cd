import { open, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { firstReference } from '../manifest/environment-references.ts';
import { StartError } from '../program.ts';
import type { Environment } from '../settings.ts';
import { findService } from './find-service.ts';
import { kindOfFile } from './record-files.ts';
import { departmentName } from './names.ts';

/** What somebody meant who named a source. */
export interface FoundSource {
  kind: 'files' | 'mysql' | 'postgres' | 'service' | 'sqlite';
  /** A path, or an address, which may be secret. */
  location: string;
  /** What the department would be called. */
  name: string;
  /** The environment variable that the manifest takes the address from, where it is an address. */
  variable?: { name: string; isSet: boolean };
}

/** Databases by the schemes of their addresses. */
const DATABASES = [
  { scheme: /^postgres(ql)?:\/\//i, kind: 'postgres' },
  { scheme: /^(mysql|mariadb):\/\//i, kind: 'mysql' },
] as const;

/** What a SQLite file begins with. */
const SQLITE_MARK = 'SQLite format 3\0';
const SOURCES =
  'a file or a folder of files (CSV, JSON, XML, spreadsheets), a SQLite file, an OpenAPI document or a WSDL (a file or its address), the address of a GraphQL service, or the address of a database (postgres://, mysql://)';

const DOCUMENT_EXTENSIONS = ['.yaml', '.yml', '.wsdl'];
/** What a service's document in JSON has near its beginning. */
const OPENAPI_MARK = /"(openapi|swagger)"\s*:/;
const START_BYTES = 4_096;

export interface RecogniseOptions {
  env: Environment;
  /** Where relative paths start. */
  folder: string;
  /** The department's name, where it was said. */
  name: string | undefined;
  /** Sent where a document is asked for. */
  headers: Readonly<Record<string, string>>;
}

/**
 * Finds out what a source is: an address by its scheme, a file by its beginning, then by its name.
 *
 * @param text a path, an address, or `${NAME}` for one that the environment has
 * @throws StartError where it is nothing that can be wrapped
 */
export async function recogniseSource(text: string, options: RecogniseOptions): Promise<FoundSource> {
  const { env, folder, name } = options;
  const reference = firstReference(text.replace(/^\$([A-Za-z_]\w*)$/, '${$1}'));
  const location = reference === undefined ? text : env[reference];
  if (location === undefined)
    throw new StartError(`${reference} is not set; it must be the address of what is to be wrapped`);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return recogniseFile(resolve(folder, location), location, options);
  if (/^https?:\/\//i.test(location)) return recogniseAddress(location, options);
  const kind = DATABASES.find(({ scheme }) => scheme.test(location))?.kind;
  if (!kind)
    throw new StartError(`${location.split(':', 1)[0]}: is an address that cannot be wrapped; it must be ${SOURCES}`);
  const found = name ?? departmentName(decodeURIComponent(URL.parse(location)?.pathname.slice(1) || 'database'));
  const variable =
    reference === undefined ? { name: variableName(found), isSet: false } : { name: reference, isSet: true };
  return { kind, location, name: found, variable };
}

/** Of what it is an address, reading it will tell. @throws StartError where it has a secret in it */
async function recogniseAddress(location: string, options: RecogniseOptions): Promise<FoundSource> {
  const url = URL.parse(location);
  if (!url) throw new StartError(`${location} is no address`);
  if (url.username !== '' || url.password !== '')
    throw new StartError(
      `the address of ${url.host} has a name or a password in it, which would stand in the manifest; give them as a header: --header 'authorization: \${TOKEN}'`,
    );
  return { kind: 'service', location, name: departmentName((await titleOf(location, options)) ?? url.hostname) };
}

function titleOf(location: string, { folder, headers }: RecogniseOptions): Promise<string | undefined> {
  return findService({ location, folder, headers }).then(({ title }) => title);
}

function variableName(department: string): string {
  return `${department.toUpperCase().replaceAll('-', '_')}_URL`;
}

async function recogniseFile(path: string, written: string, options: RecogniseOptions): Promise<FoundSource> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new StartError(`${written} does not exist; it must be ${SOURCES}`);
  const extension = extname(path).toLowerCase();
  const name = departmentName(basename(path, found.isDirectory() ? '' : extname(path)));
  if (found.isDirectory()) return { kind: 'files', location: path, name };
  if (!found.isFile()) throw new StartError(`${written} is neither a file nor a folder`);
  const start = await startOfFile(path);
  if (start.startsWith(SQLITE_MARK)) return { kind: 'sqlite', location: path, name };
  if (DOCUMENT_EXTENSIONS.includes(extension) || (extension === '.json' && OPENAPI_MARK.test(start)))
    return { kind: 'service', location: path, name: departmentName((await titleOf(path, options)) ?? name) };
  if (kindOfFile(path) !== undefined) return { kind: 'files', location: path, name };
  throw new StartError(`${written} is no file that can be wrapped; it must be ${SOURCES}`);
}

async function startOfFile(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch (error) {
    throw new StartError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
