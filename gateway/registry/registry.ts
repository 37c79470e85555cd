import { GatewayFault } from '../errors.ts';
import type { Signer } from '../keys/signer.ts';
import type { CompositionProblem, SubgraphSource } from '../supergraph/compose.ts';
import { draftVersion, subgraphsAfter, type GraphChange } from './graph-change.ts';
import type { Trespass } from './ownership.ts';
import type { Publisher } from './publisher.ts';
import type { FoundChange, SchemaChange } from './schema-changes.ts';
import { signSupergraph } from './signed-supergraph.ts';
import type { HistoryFilter, VersionStore } from './store.ts';
import type { GraphBefore, TrialAnswer } from './trial.ts';
import type { Trier } from './trier.ts';
import { addUp, type GraphUsage } from './usage.ts';
import type { UsageStore } from './usage-store.ts';
import type { GraphVersion, SignedSupergraph, VersionHead } from './version.ts';

/** What would come of a change, or did. */
export interface CheckReport {
  /** Whether the change is made, or would be. */
  readonly ok: boolean;
  /** The version that it was held against; 0 for none. */
  readonly against: number;
  /** The version that came of it. Absent where nothing was published, or nothing changed. */
  readonly version?: number;
  /** Why the subgraphs are not one graph. */
  readonly problems: readonly CompositionProblem[];
  /** How it would take away what is another department's. */
  readonly trespasses: readonly Trespass[];
  /** What is otherwise for who asks the graph, the gravest first. */
  readonly changes: readonly SchemaChange[];
  readonly hints: readonly string[];
  /** From when on it is known who used what; absent where nothing is known. */
  readonly usageSince?: string;
}

export interface RegistryOptions {
  store: VersionStore;
  usage: UsageStore;
  signer: Signer;
  trier: Trier;
  /** How many days of use count. */
  usageDays: number;
  /** ISO 8601, UTC. */
  now(): string;
}

/** How often a change is tried again because another one came before it. */
const MAX_TRIES = 10;

/** Keeps the versions of a graph, and lets only such be made as break nothing for anybody. */
export class Registry {
  readonly #options: RegistryOptions;
  #current: GraphVersion | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** What would come of a change. @throws GatewayFault NOT_YOUR_SUBGRAPH, ADMINISTRATORS_ONLY, VERSION_UNKNOWN, SUBGRAPH_UNKNOWN, and as {@link Trier.try} */
  async check(change: GraphChange, by: Publisher): Promise<CheckReport> {
    return (await this.#tryChange(change, by)).report;
  }

  /** Makes a change, if it breaks nothing. Where another one is made meanwhile it is held against that. @throws as {@link check} */
  async publish(change: GraphChange, by: Publisher): Promise<CheckReport> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { report, draft } = await this.#tryChange(change, by);
      if (!report.ok || !draft) return report;
      const statement = signSupergraph(draft, this.#options.signer);
      if (!(await this.#options.store.add({ ...draft, statement }))) continue;
      this.#current = { ...draft, statement };
      return { ...report, version: draft.number };
    }
    throw new GatewayFault('REGISTRY_OVERLOADED', `Another change came first ${MAX_TRIES} times.`);
  }

  /** The graph as gateways are to serve it; undefined while there is none. */
  async current(): Promise<SignedSupergraph | undefined> {
    const version = await this.#newest();
    const { announcements } = this.#options.signer;
    return version && { supergraph: version.supergraph, statement: version.statement, announcements };
  }

  /** What the newest version is made of. */
  async head(): Promise<VersionHead | undefined> {
    const version = await this.#newest();
    if (!version) return undefined;
    const { sdl: _, supergraph: __, statement: ___, ...head } = version;
    return head;
  }

  /** The newest first. */
  history(filter: HistoryFilter): Promise<VersionHead[]> {
    return this.#options.store.list(filter);
  }

  /** @throws GatewayFault VERSION_UNKNOWN */
  async version(number: number): Promise<GraphVersion> {
    const found = await this.#options.store.find(number);
    if (!found) throw new GatewayFault('VERSION_UNKNOWN', `There is no version ${number}.`);
    return found;
  }

  /** What is otherwise between two versions, for who asks the graph. @throws GatewayFault VERSION_UNKNOWN */
  async diff(from: number, to: number): Promise<Omit<FoundChange, 'fields'>[]> {
    const [before, after] = await Promise.all([this.version(from), this.version(to)]);
    const found = await this.#options.trier.compare({ before: before.supergraph, after: after.supergraph });
    return found.map(({ level, message, path }) => ({ level, message, path }));
  }

  /** Schemas of a version's subgraphs, by name. */
  async schemasOf({ subgraphs }: VersionHead): Promise<ReadonlyMap<string, string>> {
    if (subgraphs.length === 0) return new Map();
    const byVersion = await this.#options.store.schemas([...new Set(subgraphs.map((each) => each.publishedIn))]);
    return new Map(subgraphs.map(({ name, publishedIn }) => [name, byVersion.get(publishedIn) ?? '']));
  }

  async #newest(): Promise<GraphVersion | undefined> {
    const number = await this.#options.store.newest();
    if (number !== (this.#current?.number ?? 0)) this.#current = await this.#options.store.find(number);
    return this.#current;
  }

  async #tryChange(change: GraphChange, by: Publisher): Promise<{ report: CheckReport; draft?: Draft }> {
    const before = await this.#newest();
    const known = before && { ...before, schemas: await this.schemasOf(before) };
    const wanted = await subgraphsAfter(change, by, known, (number) => this.version(number));
    const against = before?.number ?? 0;
    if (wanted.isSame) return { report: { ...NOTHING, ok: true, against } };
    const sources = wanted.subgraphs.map(({ name, routingUrl, origin }): SubgraphSource => {
      return { name, routingUrl, origin, sdl: wanted.schemas.get(name)! };
    });
    const answer = await this.#options.trier.try({
      subgraphs: sources,
      changed: by.isAdministrator ? undefined : wanted.changed,
      before: known && graphBefore(known),
    });
    const usage = await this.#usage();
    const report = reportOf(answer, { against, usage, allowsBreaking: change.kind === 'rollback' });
    if (!answer.ok || !report.ok) return { report };
    const draft = draftVersion(change, by, wanted, { number: against + 1, at: this.#options.now() });
    return { report, draft: { ...draft, supergraph: answer.supergraph } };
  }

  async #usage(): Promise<GraphUsage> {
    const { usage, usageDays, now } = this.#options;
    const first = new Date(Date.parse(now()) - (usageDays - 1) * DAY_MS).toISOString().slice(0, 10);
    return addUp(await usage.all(), first);
  }
}

const DAY_MS = 86_400_000;

/** A version that is not signed yet. */
type Draft = Omit<GraphVersion, 'statement'>;

const NOTHING = { problems: [], trespasses: [], changes: [], hints: [] };

function graphBefore({
  supergraph,
  subgraphs,
  schemas,
}: GraphVersion & { schemas: ReadonlyMap<string, string> }): GraphBefore {
  return { supergraph, subgraphs, schemas };
}

/** @param allowsBreaking who goes back to what was there before breaks what came since, and means to */
function reportOf(
  answer: TrialAnswer,
  { against, usage, allowsBreaking }: { against: number; usage: GraphUsage; allowsBreaking: boolean },
): CheckReport {
  const since = usage.since === undefined ? {} : { usageSince: usage.since };
  if (!answer.ok) return { ...NOTHING, ok: false, against, problems: answer.problems, ...since };
  const changes = answer.changes.map(({ fields, ...change }): SchemaChange => ({
    ...change,
    usedBy: usage.of(fields),
  }));
  const breaks = changes.some(({ level, usedBy }) => level === 'breaking' && usedBy.length > 0);
  const { hints, trespasses } = answer;
  const ok = trespasses.length === 0 && (allowsBreaking || !breaks);
  return { ...NOTHING, ok, against, trespasses, changes, hints, ...since };
}
