/**
 * Bundles GraphiQL into `gateway/http/graphiql/dist/`: page, style, script and Monaco's workers with hashed names, each
 * also compressed, and the licences of what went in. Runs as npm's `prepare`; does nothing when nothing it reads changed.
 */
import { createHash } from 'node:crypto';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { BuildOptions, Metafile } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const pageFolder = path.join(root, 'gateway/http/graphiql/page');
const distFolder = path.join(root, 'gateway/http/graphiql/dist');
// Made here first: a bundle that fails half way leaves the last one standing.
const making = path.join(root, '.switchyard/graphiql-bundle');
const stampFile = path.join(distFolder, 'stamp.json');

/** What the last bundle was made of: the sources' digest, and each bundled package's folder with its version. */
interface Stamp {
  sources: string;
  packages: Record<string, string>;
}

interface Package {
  name: string;
  version: string;
  license?: string;
}

async function main(): Promise<void> {
  const sources = await digestSources();
  if (await isCurrent(sources)) return console.log('GraphiQL: the bundle is current');
  const esbuild = await import('esbuild').catch(() => undefined);
  if (!esbuild) return console.log('GraphiQL: not bundled, because the development packages are not installed');

  const startedAt = performance.now();
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  const workers = await esbuild.build(workerOptions());
  const page = await esbuild.build(pageOptions(workerFiles(workers.metafile)));
  const inputs = [...Object.keys(workers.metafile.inputs), ...Object.keys(page.metafile.inputs)];
  const packages = bundledPackages(inputs);
  await writeFile(path.join(making, 'index.html'), await pageHtml(page.metafile));
  await writeFile(path.join(making, 'LICENSES.txt'), await licences(packages));
  await compressAll();
  const stamp: Stamp = { sources, packages: await versions(packages) };
  await writeFile(path.join(making, 'stamp.json'), JSON.stringify(stamp, undefined, 2));
  await rm(distFolder, { recursive: true, force: true });
  await rename(making, distFolder);
  console.log(`GraphiQL: bundled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  metafile: true,
  target: 'es2022',
  legalComments: 'none', // LICENSES.txt holds them whole
  logLevel: 'warning',
} as const satisfies BuildOptions;

function workerOptions() {
  // Monaco belongs to GraphiQL's own packages: a copy found from elsewhere could be another version.
  const fromGraphiql = createRequire(createRequire(import.meta.url).resolve('@graphiql/react/package.json'));
  return {
    ...shared,
    entryPoints: {
      editor: fromGraphiql.resolve('monaco-editor/esm/vs/editor/editor.worker.js'),
      json: fromGraphiql.resolve('monaco-editor/esm/vs/language/json/json.worker.js'),
      graphql: fromGraphiql.resolve('monaco-graphql/esm/graphql.worker.js'),
    },
    entryNames: '[name].worker-[hash]',
    format: 'iife',
    outdir: making,
  } satisfies BuildOptions;
}

function pageOptions(workers: Record<string, string>) {
  return {
    ...shared,
    entryPoints: { page: path.join(pageFolder, 'page.tsx'), icon: path.join(pageFolder, 'icon.svg') },
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    loader: { '.svg': 'copy', '.ttf': 'file' },
    // An optional part of GraphiQL's fetcher, loaded only when it is given a WebSocket's address.
    external: ['graphql-ws'],
    define: { WORKER_FILES: JSON.stringify(workers), 'process.env.NODE_ENV': '"production"' },
    outdir: making,
  } satisfies BuildOptions;
}

function workerFiles(metafile: Metafile): Record<string, string> {
  const files = outputs(metafile);
  return Object.fromEntries(
    ['editor', 'json', 'graphql'].map((label) => [label, addressOf(files, `${label}.worker-`)]),
  );
}

async function pageHtml(metafile: Metafile): Promise<string> {
  const files = outputs(metafile);
  const html = await readFile(path.join(pageFolder, 'index.html'), 'utf8');
  return html
    .replace('%script%', addressOf(files, 'page-', '.js'))
    .replace('%style%', addressOf(files, 'page-', '.css'))
    .replace('%icon%', addressOf(files, 'icon-'));
}

function outputs(metafile: Metafile): string[] {
  return Object.keys(metafile.outputs).map((file) => path.basename(file));
}

function addressOf(files: readonly string[], start: string, end = ''): string {
  const found = files.find((file) => file.startsWith(start) && file.endsWith(end));
  if (!found) throw new Error(`esbuild wrote no file ${start}*${end}`);
  return `graphiql/${found}`;
}

/** The folders, relative to the project, of the packages that bundled files come from. */
function bundledPackages(inputs: readonly string[]): string[] {
  const folders = inputs.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

async function versions(folders: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(
    await Promise.all(folders.map(async (folder) => [folder, (await readPackage(folder)).version] as const)),
  );
}

async function licences(folders: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    folders.map(async (folder) => {
      const { name, version, license } = await readPackage(folder);
      const [file] = (
        await Array.fromAsync(glob('{LICEN[SC]E,license,licence}*', { cwd: path.join(root, folder) }))
      ).sort();
      const text = file === undefined ? '' : await readFile(path.join(root, folder, file), 'utf8');
      return `${name} ${version} (${license ?? 'see its text'})\n\n${text.trim()}\n`;
    }),
  );
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

async function readPackage(folder: string): Promise<Package> {
  return JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8')) as Package;
}

async function compressAll(): Promise<void> {
  const files = await Array.fromAsync(glob('*.{js,css,html,svg}', { cwd: making }));
  await Promise.all(
    files.map(async (file) => {
      const content = await readFile(path.join(making, file));
      // Quality 9 is within some percent of 11, which would take ten times as long.
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
      await Promise.all([
        writeFile(path.join(making, `${file}.br`), await promisify(brotliCompress)(content, { params })),
        writeFile(path.join(making, `${file}.gz`), await promisify(gzip)(content, { level: 9 })),
      ]);
    }),
  );
}

async function digestSources(): Promise<string> {
  const files = (await Array.fromAsync(glob('*', { cwd: pageFolder })))
    .sort()
    .map((file) => path.join(pageFolder, file));
  const hash = createHash('sha256');
  for (const file of [import.meta.filename, ...files]) {
    hash.update(`${path.basename(file)}\0`).update(await readFile(file));
  }
  return hash.digest('hex');
}

async function isCurrent(sources: string): Promise<boolean> {
  try {
    const stamp = JSON.parse(await readFile(stampFile, 'utf8')) as Stamp;
    const present = await versions(Object.keys(stamp.packages));
    return stamp.sources === sources && JSON.stringify(present) === JSON.stringify(stamp.packages);
  } catch {
    // No bundle yet, or a package of it is gone.
    return false;
  }
}

await main();
