/**
 * Makes `dist/` (or the folder after `--out`), which is published: JavaScript, types and source maps of `gateway/` and of the
 * departments' kit, and GraphiQL's bundle. Inside the
 * repository nothing needs it. Runs as npm's `prepare`, so that no package is packed without it; types are not checked here, so
 * that nobody is kept from installing by work under way (`npm run check` checks them).
 */
import { execFile } from 'node:child_process';
import { cp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: path.join(root, 'dist') } } });
const dist = path.resolve(values.out);
// Made here first: a build that fails leaves the last one standing.
const making = path.join(root, `.switchyard/build-${process.pid}`);
const graphiql = 'gateway/http/graphiql/dist';

async function main(): Promise<void> {
  const compiler = findCompiler();
  if (!compiler) return console.log('dist: not built, because the development packages are not installed');
  const startedAt = performance.now();
  await rm(making, { recursive: true, force: true });
  await compile(compiler, 'tsconfig.build.json', making);
  await cp(path.join(root, graphiql), path.join(making, graphiql), { recursive: true });
  await rm(dist, { recursive: true, force: true });
  await rename(making, dist);
  console.log(`dist: built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

function findCompiler(): string | undefined {
  try {
    return path.join(path.dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');
  } catch {
    return undefined;
  }
}

async function compile(compiler: string, project: string, outDir: string): Promise<void> {
  try {
    const args = [compiler, '-p', project, '--outDir', outDir];
    await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 300_000 });
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    throw new Error(`The sources do not compile.\n${stdout}`, { cause: error });
  }
}

await main();
