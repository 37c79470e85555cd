import { z } from 'zod';

/** A setting that is a time, at most an hour. */
export const milliseconds = z.number().int().min(1).max(3_600_000);

/** A setting that says how many. */
export const count = z.number().int().min(1);
