import { GatewayFault } from '../errors.ts';

/** What is the user's to mend, by name: loading what throws it takes longer than some of these programs take to start. */
const USERS_OWN = new Set(['ConfigError', 'SupergraphError', 'RuleError', 'KeyFileError']);

/** Why a program does not start, in one line a person can act on; a stack only for what nobody foresaw. */
export function explain(error: unknown): string {
  const { name, code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (USERS_OWN.has(name)) return message;
  if (error instanceof GatewayFault && error.code === 'TRAIL_UNAVAILABLE') return error.detail;
  if (code === 'EADDRINUSE') return `Port ${port} is taken: stop what listens there, or choose another with --port.`;
  if (code === 'EACCES') return `Port ${port} needs a permission this user lacks: choose one above 1023 with --port.`;
  return stack ?? message;
}
