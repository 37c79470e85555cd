// Plain JavaScript, so that a Node that cannot read TypeScript still gets to say what is needed.
const [major] = process.versions.node.split('.').map(Number);
if (major < 26) {
  console.error(
    `Switchyard needs Node 26 or newer; this is ${process.version}. On Linux "npm ci" brings it, for npm scripts and npx.`,
  );
  process.exit(1);
}
