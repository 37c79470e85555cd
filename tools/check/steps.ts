import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Step } from './run.ts';

const FOLDERS = ['bin', 'gateway', 'subgraphs', 'systems', 'schema', 'network', 'tools', 'test', 'bench'];
// What reads GraphQL and YAML is Prettier too; .prettierignore says what is made by tools. What it found in order once it does not
// read again while its content stays.
const CACHE = ['--cache', '--cache-strategy=content', '--cache-location=.switchyard/prettier'];
const FORMATTED = [...CACHE, '--log-level=warn', '.'];

/** The project's checks, the longest first; none of them changes anything. */
export function checkSteps(root: string): Step[] {
  const folders = sourceFolders(root);
  return [
    { name: 'format', command: ['prettier', '--check', ...FORMATTED] },
    { name: 'lint', command: ['oxlint', ...folders] },
    { name: 'unused', command: ['knip', '--no-progress', '--no-config-hints'] },
    {
      name: 'unused in production',
      command: [
        'knip',
        '--no-progress',
        '--no-config-hints',
        '--production',
        '--strict',
        '--include',
        'files,dependencies',
      ],
    },
    { name: 'types', command: ['tsc', '-p', '.', ...builtInfo('types')] },
    // What only declarations show: types that cannot be named.
    {
      name: 'types of the package',
      command: ['tsc', '-p', 'tsconfig.build.json', '--noEmit', ...builtInfo('package-types')],
    },
    { name: 'types of the GraphiQL page', command: ['tsc', '-p', 'gateway/http/graphiql/page'] },
    { name: 'schema drift', command: ['node', 'bin/switchyard.js', 'compose', '--check'] },
    { name: 'layers', command: ['node', 'tools/layers.ts'] },
  ];
}

/** What mends by itself: first what the linter rewrites, then the format of all of it. */
export function fixSteps(root: string): Step[] {
  return [
    { name: 'lint', command: ['oxlint', '--fix', ...sourceFolders(root)] },
    { name: 'format', command: ['prettier', '--write', ...FORMATTED] },
  ];
}

/** What was found of files that have not changed is not found again. */
function builtInfo(name: string): string[] {
  return ['--incremental', '--tsBuildInfoFile', `.switchyard/${name}.tsbuildinfo`];
}

function sourceFolders(root: string): string[] {
  return FOLDERS.filter((folder) => existsSync(path.join(root, folder)));
}
