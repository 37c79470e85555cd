import { z } from 'zod';

/** What a contract is called: the end of its path, `/graphql/<name>`. */
export const contractName = z.string().regex(/^[\w-]{1,64}$/, 'up to 64 letters, digits, _ and -');

const tags = z.array(z.string().min(1).max(200)).max(100);

/** Which part of a graph is shown, by the `@tag`s of fields and types. */
export const contractRule = z.strictObject({
  /** Fields with one of these tags, and all fields of types with one. Default: all fields */
  include: tags.default([]),
  /** Nothing with one of these tags. */
  exclude: tags.default([]),
});

/** Contracts by their names, or whence they come. */
export const contractsSchema = z.union([z.literal('registry'), z.record(contractName, contractRule)]);
