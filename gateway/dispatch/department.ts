import type { GraphQLSchema } from 'graphql';
import type { Caller } from '../caller.ts';
import type { Fetcher, OnBehalf } from '../execute/fetcher.ts';
import { answerInProcess, codedError, inProcessSchema } from '../in-process/answer-in-process.ts';
import type { Dispatch, NumberedEvent, Reason, Run } from './dispatch.ts';
import type { Dispatches, Preview } from './dispatches.ts';
import { readRequest, type DispatchRequest } from './request.ts';
import type { Recipient } from './recipient.ts';
import { DispatchRefusal } from './refusal.ts';
import { DISPATCH_SDL } from './sdl.ts';
import type { DispatchFilter } from './store.ts';

export interface DispatchDepartmentOptions {
  /** Absent: none are kept, and whoever asks for them is told so. */
  dispatches: (() => Dispatches | undefined) | undefined;
  /** Whether rules decide who may dispatch and see dispatches; where they do not, nobody may. */
  isGuarded: boolean;
  /** Told of faults that clients are told of in general. */
  onFault(error: unknown): void;
}

/** Serves dispatches as a department of the graph, in the gateway's own process. */
export function serveDispatches({ dispatches, isGuarded, onFault }: DispatchDepartmentOptions): Fetcher {
  const using: Using = (use) => async (_, args, onBehalf) => {
    const all = dispatches?.();
    if (!all) throw codedError('DISPATCH_OFF');
    if (!isGuarded) throw codedError('DISPATCH_UNGUARDED');
    try {
      return await use(all, args as never, onBehalf);
    } catch (error) {
      throw error instanceof DispatchRefusal ? codedError('DISPATCH_REFUSED', error.message) : error;
    }
  };
  return answerInProcess(
    dispatchSchema(using, () => dispatches?.()),
    onFault,
  );
}

type Using = <Args>(
  use: (dispatches: Dispatches, args: Args, onBehalf: OnBehalf) => unknown,
) => (source: unknown, args: unknown, onBehalf: OnBehalf) => Promise<unknown>;

interface Named {
  id: string;
}
interface OfRun extends Named {
  run: number;
}
interface PageArguments {
  after?: string | null;
  first: number;
}

function dispatchSchema(using: Using, dispatches: () => Dispatches | undefined): GraphQLSchema {
  return inProcessSchema(DISPATCH_SDL, {
    Query: { dispatches: () => ({}) },
    Mutation: changes(using),
    Dispatches: lists(using),
    Dispatch: dispatchFields(using, dispatches),
    DispatchTrigger: {
      everyMs: ({ everyMs }: Dispatch['definition']['trigger']) => (everyMs === undefined ? null : String(everyMs)),
    },
    DispatchRecipient: {
      department: ({ identity }: Recipient) => identity.department,
      organisation: ({ identity }: Recipient) => identity.organisation,
      roles: ({ identity }: Recipient) => identity.roles,
      receiver: ({ receiver }: Recipient) => receiver.description,
    },
    DispatchRun: {
      isFull: ({ content }: Run) => content === 'full',
      leftOut: ({ leftOut = [] }: Run) => leftOut,
      masked: ({ masked = [] }: Run) => masked,
      async receipts({ dispatchId, number }: Run) {
        const all = (await dispatches()?.deliveries(dispatchId, number)) ?? [];
        return all.flatMap(({ part, receipt }) => (receipt ? [{ ...receipt, part }] : []));
      },
    },
    DispatchReason: {
      text: ({ text, said }: Reason) => (said === undefined ? text : `${text} It says: ${said}`),
    },
    DispatchPreview: {
      rows: ({ rows }: Preview) => rows.map((row) => row.map((value) => (value === null ? null : String(value)))),
    },
    DispatchEvent: { cursor: ({ number }: NumberedEvent) => number },
  });
}

function changes(using: Using) {
  return {
    createDispatch: using<{ dispatch: DispatchRequest }>((all, { dispatch }, { caller }) =>
      all.create(readRequest(dispatch), caller),
    ),
    changeDispatch: using<Named & { dispatch: DispatchRequest }>((all, { id, dispatch }, { caller }) =>
      all.change(id, readRequest(dispatch), caller),
    ),
    previewDispatch: using<Named>((all, { id }, onBehalf) => all.preview(id, onBehalf)),
    activateDispatch: using<Named>((all, { id }, { caller }) => all.activate(id, caller)),
    pauseDispatch: using<Named>((all, { id }, { caller }) => all.pause(id, caller)),
    resumeDispatch: using<Named>((all, { id }, { caller }) => all.resume(id, caller)),
    runDispatchNow: using<Named>((all, { id }, { caller }) => all.runNow(id, caller)),
    replayDispatchRun: using<OfRun>((all, { id, run }, { caller }) => all.replay(id, run, caller)),
    discardDispatchRun: using<OfRun>((all, { id, run }, { caller }) => all.discard(id, run, caller)),
    deleteDispatch: using<Named>((all, { id }, { caller }) => all.remove(id, caller)),
  };
}

function lists(using: Using) {
  return {
    mine: using((all, _, { caller: { identity } }) =>
      identity.subject === undefined ? [] : all.list({ madeBy: identity.subject }),
    ),
    ofDepartment: using<{ name?: string | null }>((all, { name }, { caller }) => {
      const filter = ofDepartment(caller);
      return filter ? named(all, filter, name) : [];
    }),
    everything: using<{ name?: string | null }>((all, { name }) => named(all, {}, name)),
    recipients: using((all, _, { caller }) => all.recipientsOf(caller)),
    events: using<PageArguments>((all, args, { caller }) => {
      const filter = ofDepartment(caller);
      return filter ? eventPage(all, filter, args) : { events: [], endCursor: args.after ?? null, hasMore: false };
    }),
    allEvents: using<PageArguments>((all, args) => eventPage(all, {}, args)),
  };
}

function dispatchFields(using: Using, dispatches: () => Dispatches | undefined) {
  const ofDefinition = [
    ...([
      'name',
      'title',
      'recipient',
      'operation',
      'purpose',
      'legalBasis',
      'consentReference',
      'caseNumber',
    ] as const),
    ...(['rows', 'key', 'content', 'whenRefused', 'trigger', 'expiresAt'] as const),
  ];
  return {
    ...Object.fromEntries(ofDefinition.map((name) => [name, ({ definition }: Dispatch) => definition[name]])),
    variables: ({ definition }: Dispatch) => JSON.stringify(definition.variables),
    receiver: ({ definition }: Dispatch) => dispatches()?.recipient(definition.recipient)?.receiver.description,
    madeAt: ({ madeAtMs }: Dispatch) => new Date(madeAtMs).toISOString(),
    nextRunAt: nextRunAt,
    runs: (dispatch: Dispatch, { first, before }: { first: number; before?: number | null }, onBehalf: OnBehalf) =>
      using((all) => all.runs(dispatch.id, bounded(first), before ?? undefined))(dispatch, {}, onBehalf),
  };
}

function nextRunAt({ state, retryAtMs, pendingAtMs, nextAtMs }: Dispatch): string | null {
  if (state !== 'ACTIVE' && state !== 'STOPPED') return null;
  const times = [retryAtMs, pendingAtMs, nextAtMs].filter((time) => time !== undefined);
  return times.length > 0 ? new Date(Math.min(...times)).toISOString() : null;
}

async function named(all: Dispatches, filter: DispatchFilter, name: string | null | undefined): Promise<Dispatch[]> {
  const found = await all.list(filter);
  return name == null ? found : found.filter(({ definition }) => definition.name === name);
}

function ofDepartment({ identity: { department } }: Caller): DispatchFilter | undefined {
  return department === undefined ? undefined : { department };
}

async function eventPage(all: Dispatches, filter: DispatchFilter, { after, first }: PageArguments) {
  const from = after == null ? 0 : Number(after);
  if (!Number.isSafeInteger(from) || from < 0) throw new DispatchRefusal('after is the endCursor of another page.');
  const limit = bounded(first);
  const found = await all.events(filter, from, limit + 1);
  const events = found.slice(0, limit);
  return { events, endCursor: events.at(-1)?.number ?? after ?? null, hasMore: found.length > limit };
}

function bounded(first: number): number {
  if (first >= 1 && first <= 1_000) return first;
  throw new DispatchRefusal('first is 1 to 1000.');
}
