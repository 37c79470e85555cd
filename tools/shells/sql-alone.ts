import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { projectRoot } from '../../network/settings.ts';
import { Analysis } from '../../subgraphs/analysis/analysis.ts';
import { folderIntake } from '../../subgraphs/analysis/duckdb-intake.ts';
import { openDuckDbStore } from '../../subgraphs/analysis/duckdb-store.ts';
import { findOpenSubjects } from '../../subgraphs/analysis/findings.ts';
import { readRules } from '../../subgraphs/analysis/rule-file.ts';
import { feeds } from '../../test/analysis/feeds.ts';
import { fuseCity } from '../../test/analysis/fused-city.ts';

/** What the rule finds where no department and no graph is between: a second line, for cities that take too long through the graph. */
export async function findBySqlAlone(city: {
  seed: number;
  enterprises: number;
}): Promise<{ found: Set<string>; rulesMs: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-shells-'));
  try {
    const { enterprises } = fuseCity(city);
    const file = createWriteStream(join(folder, `${feeds.enterprise_record.name}-000001-00000000.csv`));
    const columns = Object.keys(feeds.enterprise_record.columns);
    await pipeline(Readable.from(enterprises), stringify({ header: true, columns, quoted_string: true }), file);
    const store = await openDuckDbStore({ file: join(folder, 'analysis.duckdb') });
    try {
      const intake = await folderIntake(store, folder);
      const analysis = await Analysis.open(store, readRules(join(projectRoot, 'subgraphs/analysis/rules')));
      await intake.arrived();
      const startedMs = performance.now();
      await analysis.run('shell-companies');
      const rulesMs = performance.now() - startedMs;
      return { found: await findOpenSubjects(store.query, 'shell-companies'), rulesMs };
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
