import { defineConfig } from '../../gateway/config.ts';

/** Nothing is remembered from one request to the next; the growth chart's largest operations may take their time. */
export default defineConfig({
  cache: { enabled: false },
  http: { requestTimeoutMs: 120_000 },
  allSubgraphs: { timeoutMs: 60_000 },
});
