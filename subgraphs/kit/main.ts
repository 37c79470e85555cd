import { pathToFileURL } from 'node:url';
import { factsFrom, isFactManifest, readFacts } from './facts/facts-department.ts';
import { departmentFrom } from './manifest/manifest-department.ts';
import { explainStartError, runProgram, StartError, type RunningProgram } from './program.ts';
import { serveDepartment, type Department } from './subgraph.ts';

/**
 * Serves departments that are manifests and nothing else, all in this process: `switchyard-subgraph department.yaml …`. Each
 * listens on its own port; settings are the environment's. With one alone `PORT` counts. `switchyard-subgraph schema facts.yaml` prints the
 * schema that is made of a fact manifest.
 */
export async function main(): Promise<void> {
  const files = process.argv.slice(2);
  if (files[0] === 'schema') return printSchema(files.slice(1));
  await runProgram('switchyard-subgraph', () => serveAll(files));
}

async function serveAll(files: readonly string[]): Promise<RunningProgram> {
  if (files.length === 0) throw new StartError('which department? Name its file: switchyard-subgraph department.yaml');
  const running: RunningProgram[] = [];
  const close = async (): Promise<void> => void (await Promise.all(running.map((each) => each.close())));
  // Several cannot be at one port.
  const { PORT, ...others } = process.env;
  const env = files.length === 1 && PORT !== undefined ? { ...others, PORT } : others;
  try {
    for (const file of files) running.push(await serveDepartment(departmentOf(pathToFileURL(file)), env));
  } catch (error) {
    await close();
    throw error;
  }
  return { url: running.map(({ url }) => url).join(', '), close };
}

function departmentOf(file: URL): Department {
  return isFactManifest(file) ? factsFrom(file) : departmentFrom(file);
}

function printSchema([file]: readonly string[]): void {
  try {
    if (file === undefined) throw new StartError('which facts? Name their file: switchyard-subgraph schema facts.yaml');
    process.stdout.write(readFacts(pathToFileURL(file)).sdl);
  } catch (error) {
    console.error(explainStartError(error));
    process.exitCode = 1;
  }
}
