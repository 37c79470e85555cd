#!/usr/bin/env node
import './check-node.js';
import { existsSync } from 'node:fs';

// The repository runs its sources. The package has none, because Node strips no types of what is installed.
const sources = new URL('../subgraphs/kit/main.ts', import.meta.url);
const built = new URL('../dist/subgraphs/kit/main.js', import.meta.url);
const { main } = /** @type {typeof import('../subgraphs/kit/main.ts')} */ (
  await import(existsSync(sources) ? sources.href : built.href)
);
await main();
