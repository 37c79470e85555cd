import { z } from 'zod';
import { milliseconds } from './units.ts';

/** Settings of the rules for who may see what. */
export const authorisationSchema = z.strictObject({
  /** Folder with the departments' rules, a `.yaml` file each; or `registry`: those that departments publish with their schemas. Default: none. */
  rules: z.string().min(1).optional(),
  /**
   * `enforce`: what no rule allows is not given; `report`: nothing is withheld for the rules, and what would be is logged.
   * Default: `enforce` where there are rules.
   */
  mode: z.enum(['report', 'enforce']).default('enforce'),
  /** How often the rules are read again; what has changed holds once it was found the same twice, or at once on SIGHUP. */
  readEveryMs: milliseconds.default(1_000),
});
