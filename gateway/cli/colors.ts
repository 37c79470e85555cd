import picocolors from 'picocolors';

const { stdout, stderr, env } = process;
const isLookedAt = stdout.isTTY && stderr.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';

/** Colours where a person looks, none in a pipe: left to itself picocolors colours pipes too where CI is set. */
export const colors = picocolors.createColors(Boolean(env['FORCE_COLOR']) || Boolean(isLookedAt));
