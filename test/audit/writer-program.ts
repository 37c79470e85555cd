/** Writes records as fast as it can and says of each when it is written, until it is killed. `SETTINGS`: as `TrailSettings`, JSON. */
import { writeSync } from 'node:fs';
import { openTrail, type TrailSettings } from '../../gateway/audit/trail.ts';
import { someEntry } from './entries.ts';

const WRITERS = 20;

const trail = await openTrail(JSON.parse(process.env['SETTINGS']!) as TrailSettings, (problem) =>
  console.error(problem),
);

async function write(): Promise<never> {
  for (;;) {
    const entry = someEntry();
    await trail.write(entry, [`Enterprise:${entry.queryId}`]);
    writeSync(1, `${entry.queryId}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, write));
