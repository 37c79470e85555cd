import { join } from 'node:path';
import { makeFolder } from '../kit/folder.ts';
import { emptyDatabase } from '../kit/postgres-client.ts';

/** Where a registry may keep its versions; every kind must pass the same tests. */
export const DATABASES: [string, () => Promise<{ url: string; close(): Promise<void> }>][] = [
  [
    'SQLite',
    async () => {
      const folder = await makeFolder('switchyard-registry-');
      return { url: join(folder.path, 'registry.db'), close: () => folder.remove() };
    },
  ],
  ['PostgreSQL', emptyDatabase],
];
