/** Closes a trail while its store cannot be written, and ends by itself where nothing is left running. `SETTINGS`: JSON. */
import { DatabaseSync } from 'node:sqlite';
import { openTrail, type TrailSettings } from '../../gateway/audit/trail.ts';
import { someEntry } from './entries.ts';

const settings = JSON.parse(process.env['SETTINGS']!) as TrailSettings;
const trail = await openTrail(settings, () => undefined);
const other = new DatabaseSync(settings.store);
other.exec('BEGIN IMMEDIATE');
const written = trail.write(someEntry(), []).then(
  () => 'written',
  (error: unknown) => (error as { code: string }).code,
);
await trail.close();
other.close();
console.log(await written);
