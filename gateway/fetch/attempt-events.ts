import { channel } from 'node:diagnostics_channel';

/** One time that a department was asked, as it ended. */
export interface AttemptEvent {
  /** The subgraph's name. */
  readonly subgraph: string;
  /** The first time for one request: 1. */
  readonly nth: number;
  /** `failed`: no answer, or one that says that there can be none now; `given up`: by the gateway, for no fault of the department. */
  readonly outcome: 'answered' | 'failed' | 'given up';
  /** 0 where no answer began. */
  readonly httpStatus: number;
  /** When it began, in milliseconds of `performance.now()`. */
  readonly startedAtMs: number;
  readonly tookMs: number;
}

/** Where every attempt is told of that has ended ({@link AttemptEvent}), for whoever watches: `switchyard:attempt`. */
export const attemptEvents = channel('switchyard:attempt');
