/** Holds every source file to the table in `layers/table.ts`. `node tools/layers.ts [folder] [--json]`; exits 1 on a finding. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding } from './layers/check.ts';
import { checkProject } from './layers/project.ts';

function print({ file, line, imports, rule, instead }: Finding): string {
  const what = imports === '' ? '' : `  imports ${imports}`;
  return `${file}:${line}${what}\n  rule: ${rule}\n  do:   ${instead}\n`;
}

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const root = path.resolve(positionals[0] ?? path.join(import.meta.dirname, '..'));
const { files, findings } = await checkProject(root);
if (values.json) console.log(JSON.stringify(findings, undefined, 2));
else if (findings.length > 0) console.log(findings.map(print).join('\n'));
else if (files > 0) console.log(`layers: ${files} files keep to the table`);
else console.log(`layers: ${root} holds no source file; name the project's folder`);
process.exitCode = findings.length > 0 || files === 0 ? 1 : 0;
