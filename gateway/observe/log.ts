import { pino, type DestinationStream, type Logger } from 'pino';

/** Structured logs, one JSON object a line. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/** Makes a log. @param level `info` by default; `silent` for none */
export function createLog(destination: DestinationStream, level = 'info'): Log {
  return pino({ level, base: null }, destination);
}
