import { pathToFileURL } from 'node:url';
import { departmentFrom } from './manifest/manifest-department.ts';
import { runProgram, StartError, type RunningProgram } from './program.ts';
import { serveDepartment } from './subgraph.ts';

/**
 * Serves departments that are manifests and nothing else, all in this process: `switchyard-subgraph department.yaml …`. Each
 * listens on its own port; settings are the environment's. With one alone `PORT` counts.
 */
export async function main(): Promise<void> {
  const files = process.argv.slice(2);
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
    for (const file of files) running.push(await serveDepartment(departmentFrom(pathToFileURL(file)), env));
  } catch (error) {
    await close();
    throw error;
  }
  return { url: running.map(({ url }) => url).join(', '), close };
}
