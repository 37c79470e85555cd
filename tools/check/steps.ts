import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Step } from './run.ts';

const FOLDERS = ['bin', 'gateway', 'subgraphs', 'systems', 'schema', 'network', 'tools', 'test', 'bench'];
// What reads GraphQL and YAML is Prettier too; .prettierignore says what is made by tools.
const FORMATTED = '.';

/** The project's checks, the longest first; none of them writes anything. */
export function checkSteps(root: string): Step[] {
  const folders = sourceFolders(root);
  return [
    { name: 'format', command: ['prettier', '--check', '--log-level=warn', FORMATTED] },
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
    { name: 'types', command: ['tsc', '-p', '.'] },
    // What only declarations show: types that cannot be named.
    { name: 'types of the package', command: ['tsc', '-p', 'tsconfig.build.json', '--noEmit'] },
    { name: 'types of the GraphiQL page', command: ['tsc', '-p', 'gateway/http/graphiql/page'] },
    { name: 'schema drift', command: ['node', 'bin/switchyard.js', 'compose', '--check'] },
    { name: 'layers', command: ['node', 'tools/layers.ts'] },
  ];
}

/** What mends by itself: first what the linter rewrites, then the format of all of it. */
export function fixSteps(root: string): Step[] {
  return [
    { name: 'lint', command: ['oxlint', '--fix', ...sourceFolders(root)] },
    { name: 'format', command: ['prettier', '--write', '--log-level=warn', FORMATTED] },
  ];
}

function sourceFolders(root: string): string[] {
  return FOLDERS.filter((folder) => existsSync(path.join(root, folder)));
}
