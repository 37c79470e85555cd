import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { boundedSource } from '../bounded-source.ts';
import { StartError } from '../program.ts';
import type { KeyValue, Order, RecordSource } from '../record-source.ts';
import type { Environment } from '../settings.ts';
import type { CollectionUse, SourceKind } from '../source-kind.ts';
import { SOURCE_KINDS } from '../source-kinds.ts';
import type { Department, OpenDepartment } from '../subgraph.ts';
import { collectionUses } from './collection-uses.ts';
import { canResolve, firstReference, hasReference, resolveReferences } from './environment-references.ts';
import { makeMapping } from './make-mapping.ts';
import type { Mapping } from './mapping.ts';
import { manifestSchema, type Manifest } from './manifest.ts';
import { MisfitCount } from './misfit-count.ts';
import { RecordLoaders } from './record-loaders.ts';
import { createResolvers, recordOf, type RecordContext } from './resolvers.ts';
import { readSdl, type Resolvers } from '../sdl-files.ts';
import type { SourceRecord } from './source-record.ts';
import { suggestion } from './strict-object.ts';
import { YamlFile, type YamlPath } from './yaml-file.ts';

/** What a department's own code is handed beside its arguments. */
export interface ManifestParts {
  /** Records of a type, as a query of the manifest would give them. */
  list(
    type: string,
    question: {
      where: readonly {
        column: string;
        is: 'equals' | 'contains' | 'startsWith' | 'atLeast' | 'atMost';
        value: KeyValue;
      }[];
      orderBy: readonly Order[];
      first: number;
    },
    context: RecordContext,
  ): Promise<SourceRecord[]>;
  /** The record of a type that a key leads to, by its fields; it is read when more of it is asked for than the key. */
  reference(type: string, key: Readonly<Record<string, string | number | boolean>>): SourceRecord;
}

/** What a manifest cannot say. */
export interface SpecialParts {
  /** Resolvers for fields that have none of the manifest's, or in place of them. */
  resolvers(parts: ManifestParts): Resolvers;
}

/** What a manifest cannot say, and needs something of its own that is opened with the department. */
export interface OpenedParts extends SpecialParts, Pick<OpenDepartment, 'deliveries'> {
  close(): void | Promise<void>;
}

/** Opens what a department's code needs beside the manifest's source. */
export interface SpecialOpening {
  /** @throws StartError when a setting is missing or wrong */
  open(env: Environment): OpenedParts | Promise<OpenedParts>;
}

/**
 * A department by its manifest.
 *
 * @param manifest the file `department.yaml`
 * @param special its own code, where it has any
 * @throws StartError where the manifest is not one; what does not fit the source is said when it is opened
 */
export function departmentFrom(manifest: URL, special?: SpecialParts | SpecialOpening): Department {
  const file = fileURLToPath(manifest);
  const yaml = new YamlFile(file);
  const said = yaml.check(manifestSchema, yaml.content);
  const folder = dirname(file);
  return {
    name: said.department,
    port: said.port,
    schemaFile: pathToFileURL(resolve(folder, said.schema)),
    open: (env) => openWith({ yaml, manifest: said, folder }, env, special),
  };
}

async function openWith(
  read: ReadManifest,
  env: Environment,
  special: SpecialParts | SpecialOpening | undefined,
): Promise<OpenDepartment> {
  if (!special || !('open' in special)) return openManifest(read, env, special);
  const parts = await special.open(env);
  try {
    const opened = await openManifest(read, env, parts);
    const close = async (): Promise<void> => {
      await opened.close();
      await parts.close();
    };
    return { ...opened, ...(parts.deliveries && { deliveries: parts.deliveries }), close };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

interface ReadManifest {
  yaml: YamlFile;
  manifest: Manifest;
  folder: string;
}

async function openManifest(
  read: ReadManifest,
  env: Environment,
  special: SpecialParts | undefined,
): Promise<OpenDepartment> {
  const { manifest, yaml, folder } = read;
  const sdl = readSdl(resolve(folder, manifest.schema));
  const list: ManifestParts['list'] = (type, question, { records }) =>
    records.page(mapping.types.get(type)!, { ...question, after: null });
  const reference: ManifestParts['reference'] = (type, key) => recordOf(mapping.types.get(type)!, key);
  const own = special?.resolvers({ list, reference }) ?? {};
  const isSpecial = (type: string, field: string): boolean => Object.hasOwn(own[type] ?? {}, field);
  const { source, kind } = await openSource(read, env, collectionUses(manifest, sdl, isSpecial));
  let mapping: Mapping;
  try {
    mapping = await makeMapping({ manifest, yaml, sdl, isSpecial, sourceConverts: kind.converts === true }, source);
    const misfits = new MisfitCount();
    return {
      resolvers: merged(createResolvers(mapping, misfits), own),
      createContext({ timeoutMs }) {
        const records = new RecordLoaders(source, timeoutMs);
        return { records, refusal: records.refusal };
      },
      stats: () => ({ misfits: misfits.byField(), ...source.stats?.() }),
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openSource(
  { manifest, yaml, folder }: ReadManifest,
  env: Environment,
  collections: ReadonlyMap<string, CollectionUse>,
): Promise<{ source: RecordSource; kind: SourceKind }> {
  const { at, kind: name, written } = chosenSource(manifest, env);
  const kind = Object.hasOwn(SOURCE_KINDS, name) ? SOURCE_KINDS[name]! : undefined;
  if (!kind)
    throw new StartError(
      `${yaml.place([...at, 'kind'])}: there is no kind of source "${name}"${suggestion(name, Object.keys(SOURCE_KINDS))}`,
    );
  refuseWrittenSecrets(kind, { written, yaml, at });
  const meaning = (setting: PropertyKey): string | undefined =>
    (kind.settings.shape[String(setting)] as z.ZodType | undefined)?.description;
  const settings = resolveReferences(written, env, { yaml, at, meaning });
  const holds = manifest.holds ?? manifest.title ?? manifest.department;
  refuseWrongVariables(kind, { written, settings, yaml, at });
  const source = await kind.open(yaml.check(kind.settings, settings, at) as never, {
    department: manifest.department,
    holds,
    remedy: manifest.remedy === undefined ? '' : `; ${manifest.remedy}`,
    folder,
    nameOf: (setting) => firstReference(written[setting]) ?? `source.${setting}`,
    collections,
  });
  return { source: boundedSource(source, holds), kind };
}

/** A source's settings as they stand in the manifest. */
interface WrittenSource {
  written: Readonly<Record<string, unknown>>;
  yaml: YamlFile;
  at: YamlPath;
}

function chosenSource(
  { source }: Pick<Manifest, 'source'>,
  env: Environment,
): Pick<WrittenSource, 'written' | 'at'> & { kind: string } {
  const several = Array.isArray(source) ? source : [source];
  const found = several.findIndex((each) => canResolve(each, env));
  const index = found === -1 ? several.length - 1 : found;
  const { kind, ...written } = several[index]!;
  return { kind, written, at: Array.isArray(source) ? ['source', index] : ['source'] };
}

/** Faults of settings that come whole from the environment, in its own words; what is wrong with the others is said where they stand. */
function refuseWrongVariables(
  { settings: schema, secrets = [] }: SourceKind,
  { written, settings, yaml, at }: WrittenSource & { settings: unknown },
): void {
  const faults = (schema.safeParse(settings).error?.issues ?? []).flatMap(({ path: [setting = ''] }) => {
    const name = String(setting);
    const variable = firstReference(written[name]);
    const must = (schema.shape[name] as z.ZodType | undefined)?.description;
    if (variable === undefined || must === undefined) return [];
    const value = secrets.includes(name) ? 'wrong' : `"${String((settings as Record<string, unknown>)[name])}"`;
    return [`${variable} is ${value}; it must be ${must} (${yaml.place([...at, name])})`];
  });
  if (faults.length > 0) throw new StartError(faults.join('\n'));
}

/** Of several values, such as headers, those with such names may be secret. */
const MAY_BE_SECRET = /auth|cookie|token|key|secret|password|session/i;

function refuseWrittenSecrets({ secrets = [] }: SourceKind, { written, yaml, at }: WrittenSource): void {
  const refuse = (value: unknown, ...path: string[]): void => {
    if (typeof value !== 'string' || hasReference(value)) return;
    throw new StartError(
      `${yaml.place([...at, ...path])}: ${path.join('.')} may be secret: name an environment variable, such as \${DATABASE_URL}`,
    );
  };
  for (const setting of secrets) {
    const value = written[setting];
    refuse(value, setting);
    if (typeof value !== 'object') continue;
    for (const [name, each] of Object.entries(value ?? {})) if (MAY_BE_SECRET.test(name)) refuse(each, setting, name);
  }
}

function merged(generated: Resolvers, own: Resolvers): Resolvers {
  const types = new Set([...Object.keys(generated), ...Object.keys(own)]);
  return Object.fromEntries(
    [...types].map((type) => [type, { ...(generated[type] as object), ...(own[type] as object) }]),
  );
}
