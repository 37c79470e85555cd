#!/usr/bin/env node
// Plain JavaScript, so that a Node that cannot read TypeScript still gets to say what it needs.
const [major] = process.versions.node.split('.').map(Number);
if (major < 26) {
  console.error(
    `switchyard needs Node 26 or newer; this is ${process.version}. Inside a project use "npx switchyard", which brings its own.`,
  );
  process.exit(1);
}
const { main } = await import('../gateway/main.ts');
await main();
