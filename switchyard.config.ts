import { defineConfig } from './gateway/index.ts';

/** Settings of the reference deployment. Every setting, its unit and its default are documented in `gateway/config.ts`. */
export default defineConfig({
  supergraph: 'schema/supergraph.graphql',
  operations: 'schema/operations',
});
