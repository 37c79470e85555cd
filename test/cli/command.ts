import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Terminal } from '../../gateway/cli/terminal.ts';
import { commandLine } from '../../gateway/main.ts';
import type { RuleFile } from '../../gateway/authorise/rule-set.ts';
import { HOSPITAL, RULES } from '../authorise/hospital.ts';
import { temporaryFolder } from '../kit/department.ts';
import { composeSmall } from '../kit/federation.ts';

export interface Output {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command of `switchyard` with its output piped, in this process: starting one would cost more than most commands. That the program
 * itself can be started is tested where it serves.
 */
export async function runSwitchyard(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Output> {
  const output: Output = { exitCode: 0, stdout: '', stderr: '' };
  const terminal: Terminal = {
    env: { ...process.env, NODE_ENV: '', FORCE_COLOR: '', ...env },
    print: (line) => (output.stdout += `${line}\n`),
    printError: (line) => (output.stderr += `${line}\n`),
    showProgress: () => undefined,
    logDestination: { write: (line) => (output.stderr += line) },
    exit: (code) => (output.exitCode = code),
    onStop: () => undefined,
    onReload: () => undefined,
    onRestart: () => undefined,
    tellParent: undefined,
  };
  await commandLine(terminal)
    .exitOverride()
    .parseAsync(['node', 'switchyard', ...args]);
  return output;
}

/** The same in a process of its own, as whoever looks at colours. */
export function runInColour(args: readonly string[]): Promise<Output> {
  const env = { ...process.env, NODE_ENV: '', FORCE_COLOR: '1' };
  const cwd = path.resolve(import.meta.dirname, '../..');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['bin/switchyard.js', ...args], { cwd, env }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode, stdout, stderr }),
    );
  });
}

/** The hospital as files: its supergraph, and a folder of rules. */
export interface HospitalFiles {
  supergraph: string;
  rules: string;
  /** Writes a file beside them. */
  write(name: string, text: string): string;
  close(): void;
}

/** @param change changes the rules of a department. Default: none are */
export function hospitalFiles(change: (file: RuleFile) => RuleFile = (file) => file): HospitalFiles {
  const folder = temporaryFolder();
  const rules = temporaryFolder();
  for (const file of RULES.files) writeFileSync(rules.file(`${file.department}.yaml`), stringify(change(file)));
  const write = (name: string, text: string): string => {
    writeFileSync(folder.file(name), text);
    return folder.file(name);
  };
  return {
    supergraph: write('supergraph.graphql', composeSmall(HOSPITAL)),
    rules: rules.path,
    write,
    close() {
      folder.close();
      rules.close();
    },
  };
}
