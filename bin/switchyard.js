#!/usr/bin/env node
import './check-node.js';
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// With many requests under way, most of what one of them makes is still needed when young memory is collected. V8 takes it
// for long-lived then, and puts the like of it into old memory from the start: a quarter more CPU and 90 MiB more.
setFlagsFromString('--no-allocation-site-pretenuring');
// Young memory is small: to share its collection out among threads costs more CPU than it saves time.
setFlagsFromString('--no-parallel-scavenge');

// The repository runs its sources. The package has none, because Node strips no types of what is installed.
const sources = new URL('../gateway/main.ts', import.meta.url);
const built = new URL('../dist/gateway/main.js', import.meta.url);
const { main } = /** @type {typeof import('../gateway/main.ts')} */ (
  await import(existsSync(sources) ? sources.href : built.href)
);
await main();
