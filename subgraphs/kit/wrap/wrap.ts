import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { departmentFrom } from '../manifest/manifest-department.ts';
import { StartError } from '../program.ts';
import type { Environment } from '../settings.ts';
import { parseJoin } from './draft-joins.ts';
import type { Draft } from './draft.ts';
import { filledIn, hasReference } from '../manifest/environment-references.ts';
import type { KnownGraph } from './known-graph.ts';
import { makeDraft } from './make-draft.ts';
import { departmentName } from './names.ts';
import { recogniseSource, type FoundSource } from './recognise-source.ts';
import { renderManifest } from './render-manifest.ts';
import { renderSdl } from './render-sdl.ts';
import { surveyFiles } from './survey-files.ts';
import { surveyService, type ServiceOptions } from './survey-service.ts';
import { surveyMysql } from './survey-mysql.ts';
import { surveyPostgres } from './survey-postgres.ts';
import { surveySqlite } from './survey-sqlite.ts';
import type { Survey, SurveyProgress } from './survey.ts';
import { plainLine } from '../plain-line.ts';
import type { TextLines } from './text-lines.ts';

export interface WrapOptions {
  /** A path, an address, or `${NAME}` for an address that the environment has. */
  source: string;
  /** The folder that is written. Default: the department's name. */
  out: string | undefined;
  /** The department's name. Default: by the source's. */
  name: string | undefined;
  /** Of PostgreSQL: the schema that the tables are in. */
  schema: string | undefined;
  /** As `country=Place.iso`. */
  joins: readonly string[];
  /** Sent to a service with each request, as `authorization: ${TOKEN}`. */
  headers: readonly string[];
  graph: KnownGraph;
  env: Environment;
  /** Where relative paths start. */
  folder: string;
  progress: SurveyProgress;
  signal: AbortSignal;
}

/** A question of a file that was written. */
export interface Question {
  file: string;
  line: number;
  text: string;
}

/** A department that was written. */
export interface Wrapped {
  draft: Draft;
  survey: Survey;
  folder: string;
  files: { manifest: string; schema: string };
  questions: readonly Question[];
  /** An environment variable that the department needs, and that is not set yet. */
  needs: string | undefined;
  /** Why it does not start as it was written; undefined where it does. */
  fault: string | undefined;
  /** Rows of files that are not given, each file with why. */
  aside: readonly { file: string; rows: number; fault: string | null }[];
}

/**
 * Looks at a system and writes a first department for it: `department.yaml` and `schema.graphql`, in a folder that has neither.
 * @throws StartError where the source cannot be looked at, a join names what there is not, or the folder is there already
 */
export async function wrap(options: WrapOptions): Promise<Wrapped> {
  const { source, env, folder: from, graph } = options;
  const joins = options.joins.map(parseJoin);
  const name = options.name === undefined ? undefined : checkedName(options.name);
  const headers = readHeaders(options.headers, env);
  const found = await recogniseSource(source, { env, folder: from, name, headers: headers.headerValues });
  const department = name ?? found.name;
  const folder = resolve(from, options.out ?? defaultFolder(department, found, from));
  await refuseExisting(folder, from);
  const survey = withoutEmpty(await surveySource(found, { ...options, ...headers, folder }));
  const draft = makeDraft(survey, { department, graph, joins });
  if (draft.queries.length === 0)
    throw new StartError(
      'it has nothing that could be listed or found by a key, so that there would be nothing to ask for',
    );
  const files = { manifest: join(folder, 'department.yaml'), schema: join(folder, 'schema.graphql') };
  const sdl = renderSdl(draft);
  const manifest = renderManifest(draft, [
    `Written by switchyard wrap, of ${survey.system}: yours to change.`,
    ...survey.leftOut.map((each) => `Left out: ${each}.`),
  ]);
  await mkdir(folder, { recursive: true });
  await writeNew(files.manifest, manifest);
  await writeNew(files.schema, sdl);
  options.progress('check that it starts', 0);
  const { fault, aside } = await check(files.manifest, {
    ...env,
    ...(found.variable && { [found.variable.name]: found.location }),
  });
  return {
    draft,
    survey,
    folder,
    files,
    questions: [...questionsOf(files.schema, sdl), ...questionsOf(files.manifest, manifest)],
    needs: found.variable && !found.variable.isSet ? found.variable.name : undefined,
    fault,
    aside,
  };
}

function checkedName(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) return name;
  throw new StartError(
    `--name ${name}: it must begin with a letter and have letters, digits, - and _, such as ${departmentName(name)}`,
  );
}

/** A folder of files is not to become the department's own. */
function defaultFolder(department: string, { location }: FoundSource, from: string): string {
  return resolve(from, department) === resolve(from, location) ? `${department}-department` : department;
}

/** @throws StartError where something is in the folder that would be written to */
async function refuseExisting(folder: string, from: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new StartError(`${folder} cannot be written to: ${message}`);
  });
  const there = names.filter((name) => ['department.yaml', 'schema.graphql'].includes(name));
  if (there.length > 0)
    throw new StartError(
      `${relative(from, folder) || folder} has a ${there.join(' and a ')} already, which may have been changed by hand: name another folder with --out, or remove it`,
    );
}

function surveySource(
  { kind, location, variable }: FoundSource,
  options: Omit<WrapOptions, 'headers'> & ServiceOptions,
): Promise<Survey> {
  switch (kind) {
    case 'files':
      return surveyFiles(location, options);
    case 'sqlite':
      return surveySqlite(location, options);
    case 'service':
      return surveyService(location, options);
    case 'mysql':
      return surveyMysql(location, { ...options, reference: `\${${variable!.name}}` });
    case 'postgres':
      return surveyPostgres(location, { ...options, reference: `\${${variable!.name}}` });
  }
}

/** Without what has no column that can be given. @throws StartError where nothing is left */
function withoutEmpty(survey: Survey): Survey {
  const isEmpty = ({ columns }: Survey['collections'][number]): boolean => columns.length === 0;
  const empty = survey.collections.filter(isEmpty).map(({ from }) => `${from}: it has no column that can be given`);
  const collections = survey.collections.filter((each) => !isEmpty(each));
  const leftOut = [...survey.leftOut, ...empty].map(plainLine);
  if (collections.length === 0) throw new StartError(`there is nothing in it to wrap: ${leftOut.join('; ')}`);
  return { ...survey, collections, leftOut };
}

/** @throws StartError where one is not a name with a text, or takes nothing from the environment */
function readHeaders(written: readonly string[], env: Environment): Pick<ServiceOptions, 'headers' | 'headerValues'> {
  const headers = written.map((text): [string, string] => {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.+)$/.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new StartError(
        `--header ${text.split(':', 1)[0]}: it must be NAME: TEXT, such as 'authorization: \${TOKEN}'`,
      );
    if (!hasReference(value))
      throw new StartError(
        `--header ${name}: it may be secret, and would stand in the manifest: name an environment variable, such as '${name}: \${TOKEN}'`,
      );
    return [name.toLowerCase(), value];
  });
  const values = headers.map(([name, value]) => [name, filledIn(value, env)]);
  return { headers: Object.fromEntries(headers), headerValues: Object.fromEntries(values) as Record<string, string> };
}

/** Whoever made a file of the name meanwhile keeps it. */
async function writeNew(file: string, text: TextLines): Promise<void> {
  await writeFile(file, text.toString(), { flag: 'wx' });
}

function questionsOf(file: string, { questions }: TextLines): Question[] {
  return questions.map((question) => ({ file, ...question }));
}

/** Opens the department as whoever serves it will. */
async function check(manifest: string, env: Environment): Promise<Pick<Wrapped, 'fault' | 'aside'>> {
  try {
    const opened = await departmentFrom(pathToFileURL(manifest)).open(env);
    const { files = [] } = (opened.stats?.() ?? {}) as {
      files?: { file: string; collection: string | null; rowsAside: number; fault: string | null }[];
    };
    await opened.close();
    const aside = files
      .filter(({ collection, rowsAside, fault }) => collection !== null && (rowsAside > 0 || fault !== null))
      .map(({ file, rowsAside, fault }) => ({ file, rows: rowsAside, fault }));
    return { fault: undefined, aside };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { fault: error.message, aside: [] };
  }
}
