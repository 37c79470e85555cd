import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { RuleFile } from '../../gateway/authorise/rule-set.ts';
import { HOSPITAL, RULES } from '../authorise/hospital.ts';
import { temporaryFolder } from '../kit/department.ts';
import { composeSmall } from '../kit/federation.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface Output {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `switchyard` as a person would who pipes its output. */
export function runSwitchyard(args: readonly string[]): Promise<Output> {
  const env = { ...process.env, NODE_ENV: '', FORCE_COLOR: '' };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['bin/switchyard.js', ...args], { cwd: ROOT, env }, (_, stdout, stderr) =>
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
