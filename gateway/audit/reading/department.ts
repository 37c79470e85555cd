import type { GraphQLSchema } from 'graphql';
import type { Fetcher, OnBehalf } from '../../execute/fetcher.ts';
import type { TrailFetch, TrailRecord, TrailRefusal } from '../entry.ts';
import type { Trail } from '../trail.ts';
import { answerInProcess, codedError, inProcessSchema } from '../../in-process/answer-in-process.ts';
import type { Sought } from './newest.ts';
import { badInput, readPage, type Page, type PageArguments } from './pages.ts';
import {
  aboutSubjects,
  actsOf,
  askedOf,
  everythingBy,
  ofGroup,
  subjectsOf,
  type IsOf,
  type Rows,
  type SubjectClaims,
} from './rows.ts';
import { TRAIL_SDL } from './sdl.ts';

export interface TrailDepartmentOptions {
  /** Absent: none is kept, and whoever asks for it is told so. */
  trail?: Pick<Trail, 'find'> | undefined;
  /** Whether rules decide who may read it; where they do not, nobody may. */
  isGuarded: boolean;
  subjectClaims: SubjectClaims;
  isOf: IsOf;
  /** Told of faults that clients are told of in general. */
  onFault(error: unknown): void;
  /** The time, in milliseconds since 1970. Default: the system's. */
  nowMs?: () => number;
}

/** Serves the trail as a department of the graph, in the gateway's own process. */
export function serveTrail({ onFault, ...options }: TrailDepartmentOptions): Fetcher {
  return answerInProcess(trailSchema(options), onFault);
}

interface Arguments extends PageArguments {
  subject?: string | null;
  person?: string | null;
  department?: string | null;
  queryGroupId?: string | null;
  logSourceSystems?: readonly string[] | null;
}

function trailSchema(options: Omit<TrailDepartmentOptions, 'onFault'>): GraphQLSchema {
  const { trail, isGuarded, subjectClaims, isOf, nowMs = Date.now } = options;
  const page =
    (rowsOf: (args: Arguments, onBehalf: OnBehalf) => Rows) =>
    async (_: unknown, args: Arguments, onBehalf: OnBehalf): Promise<Page> => {
      if (!trail) throw codedError('TRAIL_OFF');
      if (!isGuarded) throw codedError('TRAIL_UNGUARDED');
      countPart(onBehalf);
      const rows = rowsOf(args, onBehalf);
      onBehalf.noteSubjects?.(rows.subjects);
      return readPage(trail, rows, args);
    };
  return inProcessSchema(TRAIL_SDL, {
    Query: { trail: () => ({}) },
    Trail: {
      aboutMe: page(({ subject, logSourceSystems }, { caller }) => {
        const subjects = oneOf(subjectsOf(caller.identity, subjectClaims), subject);
        return ofSystems(aboutSubjects(subjects, nowMs), logSourceSystems);
      }),
      ownActs: page((args, { caller }) => inGroup(actsOf(caller), args)),
      ofDepartment: page((args, { caller }) => inGroup(askedOf(caller, isOf), args)),
      everything: page((args) => everythingBy(soughtBy(args))),
    },
    TrailRecord: {
      outcome: ({ outcome }: TrailRecord) => outcome.toUpperCase(),
      logSourceSystem: systemOf,
      grants: ({ grants = [] }: TrailRecord) => grants,
      rules: ({ rules = [] }: TrailRecord) => rules,
      errorCodes: ({ errorCodes = [] }: TrailRecord) => errorCodes,
    },
    TrailRefusal: { isReported: ({ isReported }: TrailRefusal) => isReported ?? false },
    TrailFetch: { remembered: ({ remembered = 0 }: TrailFetch) => remembered },
  });
}

/** What each request has read so far. */
const partsRead = new WeakMap<OnBehalf, number>();

/** One request may name a field many times over, and each time the trail is looked through. */
function countPart(onBehalf: OnBehalf): void {
  const parts = (partsRead.get(onBehalf) ?? 0) + 1;
  if (parts > MAX_PARTS) throw badInput(`At most ${MAX_PARTS} parts of the trail are read by one request.`);
  partsRead.set(onBehalf, parts);
}

const MAX_PARTS = 20;

/** All of a caller's own names, or the one that is asked for, by the whole of it or by its key. */
function oneOf(own: readonly string[], asked: string | null | undefined): readonly string[] {
  if (asked == null) return own;
  const named = own.filter((name) => name === asked || name.slice(name.indexOf(':') + 1) === asked);
  if (named.length === 0) throw badInput('subject is nobody whom the caller is or acts for.');
  return named;
}

function inGroup(rows: Rows, { queryGroupId }: Arguments): Rows {
  return queryGroupId == null ? rows : ofGroup(rows, queryGroupId);
}

/** At most one: what several have in common is not looked for. */
function soughtBy({ subject, person, department, queryGroupId: group }: Arguments): Sought | undefined {
  const given = Object.entries({ subject, person, department, group }).flatMap(([by, of]) =>
    of == null ? [] : { by: by as Sought['by'], of },
  );
  if (given.length > 1)
    throw badInput('Give a subject, a person, a department or a queryGroupId, not several of them.');
  return given[0];
}

function ofSystems(rows: Rows, systems: readonly string[] | null | undefined): Rows {
  if (!systems) return rows;
  return { ...rows, shows: (record) => systems.includes(systemOf(record)) && rows.shows(record) };
}

/** A chain is named after the gateway that writes it, and a random text. */
function systemOf({ chain }: TrailRecord): string {
  return chain.slice(0, chain.lastIndexOf('-'));
}
