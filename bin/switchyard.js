#!/usr/bin/env node
import './check-node.js';

const { main } = await import('../gateway/main.ts');
await main();
