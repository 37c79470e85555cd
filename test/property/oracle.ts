import { parse, validate } from 'graphql';
import type { PlainAnswer } from '../../gateway/message.ts';
import type { Difference } from './compare.ts';
import { generateFederation } from './federation-generator.ts';
import {
  NotComposable,
  openFederation,
  WAYS,
  type OracleFederation,
  type Operation,
  type StartPlanner,
  type Subgraphs,
  type Way,
} from './federation.ts';
import type { Expectation } from './monolith.ts';
import { generateOperation } from './operation-generator.ts';
import { hash, Random } from './random.ts';
import { UnusableFederation, type TruthSettings } from './truth.ts';

export interface CampaignOptions {
  seed: number;
  operations: number;
  /** Default 50. Composing and starting a planner costs as much as many operations. */
  operationsPerFederation?: number;
  /** Whether fields are required that are themselves given against a requirement. Default: no. */
  chains?: boolean;
  /** Whether there are access classes and rules, and a caller for each operation. Default: no. */
  authority?: boolean;
  /** Whether requests are recorded: both ways must find the same entities, and answers must be none the worse for it. Default: no. */
  traced?: boolean;
  /** Default: one without a thread, which has no time limit. */
  startPlanner?: StartPlanner;
  /** Told of every difference as it is found; the federation is still open. */
  onDifference?(found: FoundDifference): Promise<void> | void;
  /** Told after every federation. */
  onProgress?(tally: Readonly<Tally>): void;
}

/** One operation that the gateway and the monolith answer differently. */
export interface FoundDifference {
  subgraphs: Subgraphs;
  settings: TruthSettings;
  operation: Operation;
  differences: Difference[];
  way: Way;
}

/** What a campaign has done. */
export interface Tally {
  operations: number;
  differences: number;
  federations: number;
  /** Federations that were made but do not compose, or have no data. */
  refused: number;
  /** Operations that were made but are not valid. */
  invalid: number;
  /** Operations that were not planned in time; they are not counted among the operations. */
  unplanned: number;
  /** Operations in whose answers something fails. */
  withErrors: number;
  /** Subgraph requests in all. */
  fetches: number;
  mutations: number;
}

/** Operations for which gateway and monolith are compared, from one seed. */
export async function runCampaign(options: CampaignOptions): Promise<Tally> {
  const { operations, operationsPerFederation = 50, onProgress } = options;
  const tally: Tally = {
    operations: 0,
    differences: 0,
    federations: 0,
    refused: 0,
    invalid: 0,
    unplanned: 0,
    withErrors: 0,
    fetches: 0,
    mutations: 0,
  };
  const federations = new FederationSource(options, tally);
  let next = federations.next();
  while (tally.operations < operations) {
    const made = next;
    tally.federations += 1;
    // The next planner's thread loads while this one is at work.
    next = federations.next();
    try {
      const count = Math.min(operationsPerFederation, operations - tally.operations);
      await runOperations(made, count, tally, options);
    } finally {
      await made.federation.close();
    }
    onProgress?.(tally);
  }
  await next.federation.close();
  return tally;
}

interface MadeFederation {
  id: string;
  subgraphs: Subgraphs;
  settings: TruthSettings;
  federation: OracleFederation;
}

class FederationSource {
  readonly #options: CampaignOptions;
  readonly #tally: Tally;
  #count = 0;

  constructor(options: CampaignOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
  }

  /** The next federation that composes. */
  next(): MadeFederation {
    const { seed, chains = false, authority = false, traced = false, startPlanner } = this.#options;
    for (;;) {
      const id = `${seed}/${this.#count++}`;
      const random = new Random(id);
      const subgraphs = generateFederation(random, { chains });
      const settings: TruthSettings = {
        seed: random.between(0, 1_000_000),
        nullRate: random.pick([0, 0.1, 0.2]),
        errorRate: random.pick([0, 0.02, 0.06, 0.15]),
        ...(authority ? { accessSeed: random.between(0, 1_000_000) } : {}),
        ...(traced ? { traced } : {}),
      };
      // Where what decides about a record cannot be read, nothing can be said of it.
      if (authority && random.chance(0.6)) Object.assign(settings, { errorRate: 0, recordRules: true });
      try {
        return { id, subgraphs, settings, federation: openFederation(subgraphs, settings, startPlanner) };
      } catch (error) {
        if (!(error instanceof NotComposable || error instanceof UnusableFederation)) throw error;
        this.#tally.refused += 1;
      }
    }
  }
}

async function runOperations(
  { id, subgraphs, settings, federation }: MadeFederation,
  count: number,
  tally: Tally,
  { onDifference }: CampaignOptions,
): Promise<void> {
  let attempts = 0;
  for (let done = 0; done < count && attempts < count * 2; attempts++) {
    const generated = generateOperation(federation.apiSchema, new Random(`${id}/${attempts}`));
    const operation =
      settings.accessSeed === undefined ? generated : { ...generated, callerSeed: hash(`${id}/${attempts}`) };
    if (validate(federation.apiSchema, parse(operation.query)).length > 0) {
      tally.invalid += 1;
      continue;
    }
    done += 1;
    const checked = await checkOperation(federation, operation);
    if (checked.found.errors?.[0]?.extensions.code === 'PLANNING_TIMEOUT') {
      tally.unplanned += 1;
      continue;
    }
    tally.operations += 1;
    tally.fetches += federation.exchanges.length;
    if (checked.expected.possible.size > 0) tally.withErrors += 1;
    if (operation.query.startsWith('mutation')) tally.mutations += 1;
    if (checked.differences.length === 0) continue;
    tally.differences += 1;
    await onDifference?.({ subgraphs, settings, operation, differences: checked.differences, way: checked.way });
  }
}

/** An operation with the right answer, and the gateway's. */
export interface CheckedOperation {
  expected: Expectation;
  /** The first answer that is different, or the last of all. */
  found: PlainAnswer;
  way: Way;
  differences: Difference[];
}

/** Asks the monolith, and the gateway in each of its ways until an answer is different. */
export async function checkOperation(federation: OracleFederation, operation: Operation): Promise<CheckedOperation> {
  const expected = federation.expect(operation);
  let checked: CheckedOperation | undefined;
  const subjects: string[] = [];
  for (const way of WAYS) {
    const found = await federation.ask(operation, way);
    const differences = federation.compare(operation, found, expected);
    // A client is told of a fault only in general; here it is what is looked for.
    for (const fault of federation.faults) differences.push({ kind: 'refused', text: faultText(fault) });
    // A subgraph that was asked what it cannot know gives no right answer; what follows from it says nothing more.
    differences.unshift(...prototypePollution(), ...wrongFetches(federation));
    subjects.push(federation.subjects());
    if (subjects.length > 1 && subjects[0] !== subjects[1])
      differences.push({ kind: 'subjects', text: `${subjects[0]} are found by programs, ${subjects[1]} else` });
    checked = { expected, found, way, differences };
    if (differences.length > 0) break;
  }
  return checked!;
}

/** What subgraphs were asked although it is not theirs, or without what they need for it. */
function wrongFetches({ exchanges }: OracleFederation): Difference[] {
  const messages = exchanges.flatMap(({ service, answer }) =>
    (answer.errors ?? []).map(({ message, path }) => ({ service, message, path })),
  );
  const wrong = messages.filter(({ message, path }) => message.startsWith('WRONG FETCH') || path === undefined);
  return wrong.slice(0, 1).map(({ service, message }) => ({ kind: 'wrong fetch', text: `${service}: ${message}` }));
}

/** A client may call a field `__proto__`. What that did to every object of the process is told, and undone. */
function prototypePollution(): Difference[] {
  const names = Object.keys(Object.prototype);
  for (const name of names) Reflect.deleteProperty(Object.prototype, name);
  return names.length > 0 ? [{ kind: 'pollution', text: `Object.prototype has got ${names.join(', ')}` }] : [];
}

function faultText(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
