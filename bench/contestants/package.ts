import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Inside the repository, where its dependencies are found; one for each bench that runs. */
const FOLDER = path.join(ROOT, '.switchyard', `bench-${process.pid}`);

/** The gateway's program as it is installed: JavaScript, as most who use it run it, rather than this repository's sources. */
export const PACKAGED_PROGRAM = path.join(FOLDER, 'bin/switchyard.js');
/** Its settings: nothing is remembered, and the growth chart's largest operations may take their time. */
export const PACKAGED_SETTINGS = path.join(FOLDER, 'switchyard.config.mjs');

/** The same, with answers remembered for as long as subgraphs allow. */
export const PACKAGED_CACHE_SETTINGS = path.join(FOLDER, 'cache.config.mjs');

/** The same, with rules in the folder that `BENCH_ENFORCE_FOLDER` names, and a trail there or where `BENCH_TRAIL_STORE` says. */
export const PACKAGED_ENFORCE_SETTINGS = path.join(FOLDER, 'enforce.config.mjs');

/** The same as the first, watched by all that can be switched on: metrics, the request log, one request in a hundred traced, for nobody who listens. */
export const PACKAGED_OBSERVED_SETTINGS = path.join(FOLDER, 'observed.config.mjs');

const OBSERVED_SETTINGS = `
import settings from './switchyard.config.mjs';
const traces = { endpoint: 'http://127.0.0.1:1/v1/traces', ratio: 0.01 };
export default { ...settings, metrics: { port: 0 }, traces, explain: { secret: 'counts usage' } };
`;

const SETTINGS = {
  cache: { enabled: false },
  http: { requestTimeoutMs: 120_000 },
  allSubgraphs: { timeoutMs: 60_000 },
};

const CACHE_SETTINGS = { ...SETTINGS, cache: { enabled: true } };

const ENFORCE_SETTINGS = `
import settings from './switchyard.config.mjs';
const inFolder = (name) => process.env.BENCH_ENFORCE_FOLDER + '/' + name;
const audit = { store: process.env.BENCH_TRAIL_STORE ?? inFolder('trail.db'), keyFile: inFolder('key.pem'), secretFile: inFolder('secret') };
export default { ...settings, authorisation: { rules: inFolder('rules'), mode: 'enforce' }, audit };
`;

/** Makes the package of today's sources; it is gone when this process ends. */
export async function makePackage(): Promise<void> {
  process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
  await mkdir(FOLDER, { recursive: true });
  await promisify(execFile)(process.execPath, ['tools/build.ts', '--out', path.join(FOLDER, 'dist')], { cwd: ROOT });
  await cp(path.join(ROOT, 'bin'), path.join(FOLDER, 'bin'), { recursive: true });
  await cp(path.join(ROOT, 'package.json'), path.join(FOLDER, 'package.json'));
  await writeFile(PACKAGED_SETTINGS, `export default ${JSON.stringify(SETTINGS)};\n`);
  await writeFile(PACKAGED_CACHE_SETTINGS, `export default ${JSON.stringify(CACHE_SETTINGS)};\n`);
  await writeFile(PACKAGED_OBSERVED_SETTINGS, OBSERVED_SETTINGS);
  await writeFile(PACKAGED_ENFORCE_SETTINGS, ENFORCE_SETTINGS);
}
