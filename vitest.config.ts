import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { compileCacheFolder } from './network/settings.ts';

// Inherited by every process of the run: each test file is one, and most start others. Reading Apollo's packages is half of a small file's time.
process.env['NODE_COMPILE_CACHE'] ??= compileCacheFolder;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // A process of its own for each file: the tests start servers, change the environment and send signals.
    pool: 'forks',
    // Vitest's default leaves one processor idle, which of two is half. A third file at a time on two gains nothing.
    maxWorkers: '100%',
    globalSetup: ['test/kit/services.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // Vitest would load graphql once as ESM and once as CommonJS, and graphql refuses to meet its twin.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
});
