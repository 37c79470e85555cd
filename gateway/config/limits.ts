import { z } from 'zod';
import { count } from './units.ts';

/** Settings of how much one operation may ask for. */
export const limitsSchema = z.strictObject({
  maxTokens: count.default(10_000),
  maxDepth: count.default(30),
  maxAliases: count.default(200),
  maxRootFields: count.default(100),
  maxFields: count.default(5_000),
});
