import { z } from 'zod';
import { badInput, checkFirst } from '../../kit/faults.ts';
import type { ManifestParts } from '../../kit/manifest/manifest-department.ts';
import type { SourceRecord } from '../../kit/manifest/source-record.ts';
import type { Resolvers } from '../../kit/sdl-files.ts';
import type { SignedContext } from '../../kit/signed-requests.ts';
import { durationsOf, stateOf, type ActionEvent, type ActionState } from './action-event.ts';
import { ActionRefusal, type ActionStep, type ActionStore } from './action-store.ts';

/** Who acts, as the gateway found it proven. */
type Acting = Partial<SignedContext>;

const MAX_TEXT = 2_000;

/** A text that is kept: something, and no novel. */
const text = z.string().trim().min(1).max(MAX_TEXT);
const openingSchema = z.object({
  finding: text.max(200),
  uscc: text.max(50),
  foundAt: z.iso.datetime({ offset: true }),
  summary: text,
});
const assignmentSchema = z.object({ eventNo: text, department: text.max(100), dueOn: z.iso.date() });
const measureSchema = z.object({ eventNo: text, kind: text, text });
const closureSchema = z.object({ eventNo: text, outcome: text, text });

/**
 * Resolvers for events that findings lead to. Whoever acts has to be proven by the gateway's signature: what a request says of itself
 * is not enough to be written down as somebody's act.
 */
export function actionResolvers(store: ActionStore, { reference }: Pick<ManifestParts, 'reference'>): Resolvers {
  const step =
    <Args extends { eventNo: string }>(schema: z.ZodType<Args>, make: (args: Args, actor: Actor) => Step) =>
    (_: unknown, args: unknown, context: Acting): ActionEvent | null => {
      const checked = checkArguments(schema, args);
      const { check, ...made } = make(checked, actorOf(context));
      return refusing(() => store.add(checked.eventNo, made, check));
    };
  return {
    Query: {
      actionEvent(_: unknown, { eventNo, finding }: { eventNo?: string | null; finding?: string | null }) {
        if ((eventNo == null) === (finding == null)) throw badInput('Give an eventNo or a finding, one of them.');
        return eventNo == null ? store.byFinding(finding!) : store.byNumber(eventNo);
      },
      actionEvents: (_: unknown, args: { state?: ActionState | null; first?: number | null; after?: string | null }) =>
        store.list({
          state: args.state ?? undefined,
          first: checkFirst(args.first, { fallback: 20, max: 100 }),
          after: args.after ?? undefined,
        }),
    },
    Mutation: {
      openActionEvent: (_: unknown, args: unknown, context: Acting) => {
        const { foundAt, ...opening } = checkArguments(openingSchema, args);
        const { by, at } = actorOf(context);
        const times = { foundAt: new Date(foundAt).toISOString(), openedAt: at };
        return store.open({ ...opening, ...times, openedBy: by, queryGroupId: opening.finding });
      },
      assignActionEvent: step(assignmentSchema, assign),
      recordMeasure: step(measureSchema, measure),
      closeActionEvent: step(closureSchema, close),
    },
    Enterprise: { actionEvents: ({ row }: SourceRecord) => store.byEnterprise(row['uscc'] as string) },
    Finding: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      ...properties('id'),
      actionEvent: ({ id }: { id: string }) => store.byFinding(id),
    },
    ActionEvent: {
      __resolveReference: ({ eventNo }: { eventNo: string }) => store.byNumber(eventNo),
      ...properties('eventNo', 'queryGroupId', 'summary', 'foundAt', 'openedAt', 'openedBy'),
      ...properties('assignments', 'measures', 'closure'),
      finding: ({ finding }: ActionEvent) => ({ id: finding }),
      enterprise: ({ uscc }: ActionEvent) => reference('Enterprise', { uscc }),
      state: stateOf,
      durations: durationsOf,
    },
    ActionAssignment: properties('department', 'dueOn', 'assignedAt', 'assignedBy'),
    ActionMeasure: properties('kind', 'text', 'department', 'takenAt', 'takenBy'),
    ActionClosure: properties('outcome', 'text', 'closedAt', 'closedBy'),
    ActionDurations: properties(
      ...['findingToOpening', 'openingToAssignment', 'assignmentToMeasure', 'measureToClosure', 'findingToClosure'],
    ),
  };
}

interface Actor {
  by: string | null;
  department: string | undefined;
  at: string;
}

/** A step, and what the event must be like for it. */
type Step = ActionStep & { check(event: ActionEvent): void };

function assign({ department, dueOn }: z.infer<typeof assignmentSchema>, { by, at }: Actor): Step {
  return { kind: 'assignment', step: { department, dueOn, assignedAt: at, assignedBy: by }, check: refuseClosed };
}

function measure(args: z.infer<typeof measureSchema>, { by, at, department }: Actor): Step {
  if (department === undefined) throw badInput('Measures are taken by departments: whoever asks acts for none.');
  const step = { kind: args.kind, text: args.text, department, takenAt: at, takenBy: by };
  return {
    kind: 'measure',
    step,
    check(event) {
      refuseClosed(event);
      const holder = event.assignments.at(-1)?.department;
      if (holder === undefined) throw new ActionRefusal(`Event ${event.eventNo} is not handed to a department yet.`);
      if (holder !== department)
        throw new ActionRefusal(`Event ${event.eventNo} is with the department ${holder}, not with ${department}.`);
    },
  };
}

function close({ outcome, text: words }: z.infer<typeof closureSchema>, { by, at }: Actor): Step {
  return { kind: 'closure', step: { outcome, text: words, closedAt: at, closedBy: by }, check: refuseClosed };
}

function refuseClosed({ eventNo, closure }: ActionEvent): void {
  if (closure) throw new ActionRefusal(`Event ${eventNo} was closed at ${closure.closedAt}; nothing is added to it.`);
}

function refusing<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof ActionRefusal ? badInput(error.message) : error;
  }
}

function actorOf({ signedRequest }: Acting): Actor {
  if (!signedRequest)
    throw badInput('Who acts is not proven here: city operations needs the keys of its gateways (GATEWAY_KEYS).');
  const { subject = null, department } = signedRequest.identity;
  return { by: subject, department, at: new Date().toISOString() };
}

function checkArguments<Args>(schema: z.ZodType<Args>, args: unknown): Args {
  const { success, data, error } = schema.safeParse(args);
  if (success) return data;
  const [issue] = error.issues;
  throw badInput(`${issue?.path.join('.')}: ${issue?.message}.`);
}

/** Resolvers that give an object's properties as they are. */
function properties(...names: string[]): Record<string, (object: Record<string, unknown>) => unknown> {
  return Object.fromEntries(names.map((name) => [name, (object) => object[name]]));
}
