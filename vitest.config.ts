import { createRequire } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { compileCacheFolder } from './network/settings.ts';

// Inherited by every test file's process. Reading Apollo's packages is half of a small file's time.
process.env['NODE_COMPILE_CACHE'] ??= compileCacheFolder;

/** What takes longest, in the order to begin it in. */
const LONGEST = ['live/city', 'cli/workers', 'live/asked-often', 'network/start', 'package/pack'];

/**
 * Begins with the files that take longest, so that no processor is idle at the end while one of them goes on. By itself Vitest knows that
 * from the second run on, and goes by size until then.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const inOrder = await super.sort(files);
    const names = LONGEST.map((name) => path.resolve(`test/${name}.test.ts`));
    const longest = names.flatMap((name) => inOrder.filter(({ moduleId }) => moduleId === name));
    return [...longest, ...inOrder.filter((file) => !longest.includes(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // A process of its own for each file: the tests start servers, change the environment and send signals.
    pool: 'forks',
    // Vitest's default leaves one processor idle, which of two is half. A third file at a time on two gains nothing.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/kit/services.ts'],
    setupFiles: ['test/kit/compile-cache.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // Vitest would load graphql once as ESM and once as CommonJS, and graphql refuses to meet its twin.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
});
