import { pino, type DestinationStream, type Logger } from 'pino';

/** Structured logs, one JSON object a line. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * Makes a log.
 * @param level `info` by default; `silent` for none
 * @param worker stands in every line. Default: nothing does
 */
export function createLog(destination: DestinationStream, level = 'info', worker?: number): Log {
  return pino({ level, base: worker === undefined ? null : { worker } }, destination);
}
