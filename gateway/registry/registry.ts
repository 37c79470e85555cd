import { GatewayFault } from '../errors.ts';
import type { Signer } from '../keys/signer.ts';
import type { CompositionProblem, SubgraphSource } from '../supergraph/composition.ts';
import type { KeptContract } from '../supergraph/kept-contracts.ts';
import type { LintLevels } from '../config/registry.ts';
import { draftVersion, subgraphsAfter, type GraphChange, type KnownGraph, type WantedGraph } from './graph-change.ts';
import { isRefusing, type LintFinding } from './lint/finding.ts';
import type { Trespass } from './ownership.ts';
import type { Publisher } from './publisher.ts';
import type { RuleEffect, TriedRules } from './rule-trial.ts';
import type { SchemaChange, ToldChange } from './schema-changes.ts';
import { signSupergraph } from './signed-supergraph.ts';
import type { HistoryFilter, VersionStore } from './store.ts';
import type { GraphBefore, TrialAnswer } from './trial.ts';
import type { Trier } from './trier.ts';
import { addUp, type GraphUsage } from './usage.ts';
import type { UsageStore } from './usage-store.ts';
import type { GraphVersion, PublishedRules, SignedSupergraph, VersionHead } from './version.ts';

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
  /** Why departments' rules cannot be taken. */
  readonly ruleProblems: readonly string[];
  /** Whom the rules give something else than before. */
  readonly ruleChanges: readonly RuleEffect[];
  readonly hints: readonly string[];
  /** What of the published schema is not as it should be: what is new and what refuses it first. */
  readonly lint: readonly LintFinding[];
  /** From when on it is known who used what; absent where nothing is known. */
  readonly usageSince?: string;
}

export interface RegistryOptions {
  store: VersionStore;
  usage: UsageStore;
  signer: Signer;
  trier: Trier;
  /** How much each rule for schemas weighs. */
  lint: LintLevels;
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
  #current: KnownGraph | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Makes ready for the first change. @throws the store's errors, and as {@link Trier.compare} */
  async prepare(): Promise<void> {
    await this.#options.trier.prepare((await this.#newest())?.supergraph);
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
      const { texts, ...unsigned } = draft;
      const version = { ...unsigned, statement: signSupergraph(draft, rulesOf(draft), this.#options.signer) };
      if (!(await this.#options.store.add(version))) continue;
      this.#current = { ...version, texts };
      return { ...report, version: draft.number };
    }
    throw new GatewayFault('REGISTRY_OVERLOADED', `Another change came first ${MAX_TRIES} times.`);
  }

  /** The graph as gateways are to serve it; undefined while there is none. */
  async current(): Promise<SignedSupergraph | undefined> {
    const version = await this.#newest();
    const { announcements } = this.#options.signer;
    if (!version) return undefined;
    return { supergraph: version.supergraph, rules: rulesOf(version), statement: version.statement, announcements };
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
  async diff(from: number, to: number): Promise<ToldChange[]> {
    const [before, after] = await Promise.all([this.version(from), this.version(to)]);
    const found = await this.#options.trier.compare({ before: before.supergraph, after: after.supergraph });
    return found.map(({ level, message, path }) => ({ level, message, path }));
  }

  /** The contracts of the newest version. */
  async contracts(): Promise<readonly KeptContract[]> {
    return (await this.#newest())?.contracts ?? [];
  }

  /** What clients see of one, as SDL. @throws GatewayFault CONTRACT_UNKNOWN, and as {@link Trier.show} */
  async showContract(name: string): Promise<KeptContract & { schema: string }> {
    const version = await this.#newest();
    const contract = version?.contracts?.find((each) => each.name === name);
    if (!version || !contract) throw new GatewayFault('CONTRACT_UNKNOWN', `There is no contract ${name}.`);
    return { ...contract, schema: await this.#options.trier.show({ supergraph: version.supergraph, contract }) };
  }

  async #newest(): Promise<KnownGraph | undefined> {
    const number = await this.#options.store.newest();
    if (number === (this.#current?.number ?? 0)) return this.#current;
    const version = await this.version(number);
    return (this.#current = { ...version, texts: await this.#textsOf(version) });
  }

  async #textsOf({ subgraphs }: VersionHead): Promise<KnownGraph['texts']> {
    const byVersion = await this.#options.store.published([...new Set(subgraphs.map((each) => each.publishedIn))]);
    return new Map(subgraphs.map(({ name, publishedIn }) => [name, byVersion.get(publishedIn)!]));
  }

  async #tryChange(change: GraphChange, by: Publisher): Promise<{ report: CheckReport; draft?: Draft }> {
    const before = await this.#newest();
    const wanted = await subgraphsAfter(change, by, before, (number) => this.version(number));
    const against = before?.number ?? 0;
    if (wanted.isSame) return { report: { ...NOTHING, ok: true, against } };
    const answer = await this.#options.trier.try({
      subgraphs: sourcesOf(wanted),
      contracts: wanted.contracts,
      changed: wanted.changed && {
        name: wanted.changed.name,
        owner: wanted.changed.owner,
        hasRules: wanted.texts.get(wanted.changed.name)?.rules !== undefined,
        mayTrespass: by.isAdministrator,
        lint: this.#options.lint,
      },
      before: before && graphBefore(before),
    });
    const usage = await this.#usage();
    const rules = await this.#tryRules(before, wanted, answer);
    const report = reportOf(answer, { against, usage, rules, allowsBreaking: change.kind === 'rollback' });
    if (!answer.ok || !report.ok) return { report };
    const draft = draftVersion(change, by, wanted, { number: against + 1, at: this.#options.now() });
    const texts = new Map(draft.subgraphs.map(({ name }) => [name, wanted.texts.get(name)!]));
    return { report, draft: { ...draft, supergraph: answer.supergraph, texts } };
  }

  /** Where no rules are otherwise, and no graph, there is nothing to find out. */
  async #tryRules(before: KnownGraph | undefined, wanted: WantedGraph, answer: TrialAnswer): Promise<TriedRules> {
    const [old, young] = [before ? rulesOf(before) : [], rulesOf(wanted)];
    if (!answer.ok || JSON.stringify(old) === JSON.stringify(young)) return { problems: [], effects: [] };
    return this.#options.trier.tryRules({ before: old, after: young, supergraph: answer.supergraph });
  }

  async #usage(): Promise<GraphUsage> {
    const { usage, usageDays, now } = this.#options;
    const first = new Date(Date.parse(now()) - (usageDays - 1) * DAY_MS).toISOString().slice(0, 10);
    return addUp(await usage.all(), first);
  }
}

const DAY_MS = 86_400_000;

/** A version that is not signed yet. */
type Draft = Omit<KnownGraph, 'statement'>;

const NOTHING = { problems: [], trespasses: [], changes: [], hints: [], lint: [], ruleProblems: [], ruleChanges: [] };

function sourcesOf({ subgraphs, texts }: WantedGraph): SubgraphSource[] {
  return subgraphs.map(({ name, routingUrl, origin }) => ({ name, routingUrl, origin, sdl: texts.get(name)!.sdl! }));
}

function rulesOf({ subgraphs, texts }: Pick<WantedGraph, 'subgraphs' | 'texts'>): PublishedRules[] {
  return subgraphs.flatMap(({ name: subgraph }) => {
    const text = texts.get(subgraph)?.rules;
    return text === undefined ? [] : [{ subgraph, text }];
  });
}

function graphBefore({ supergraph, subgraphs, contracts = [], texts }: KnownGraph): GraphBefore {
  return { supergraph, subgraphs, contracts, schemas: new Map([...texts].map(([name, { sdl }]) => [name, sdl!])) };
}

/** @param allowsBreaking who goes back to what was there before breaks what came since, and means to */
function reportOf(
  answer: TrialAnswer,
  {
    against,
    usage,
    rules,
    allowsBreaking,
  }: { against: number; usage: GraphUsage; rules: TriedRules; allowsBreaking: boolean },
): CheckReport {
  const since = usage.since === undefined ? {} : { usageSince: usage.since };
  if (!answer.ok) return { ...NOTHING, ok: false, against, problems: answer.problems, ...since };
  const changes = answer.changes.map(({ fields, inputs, ...change }): SchemaChange => ({
    ...change,
    usedBy: usage.of({ fields, inputs, contract: change.contract }),
  }));
  const breaks = changes.some(({ level, usedBy }) => level === 'breaking' && usedBy.length > 0);
  const { hints, trespasses, lint } = answer;
  const isTaken = trespasses.length === 0 && rules.problems.length === 0;
  const ok = isTaken && (allowsBreaking || !(breaks || lint.some(isRefusing)));
  const ruleChanges = rules.effects.map((effect) => ({ ...effect, usedBy: usage.of({ fields: [effect.coordinate] }) }));
  const found = { trespasses, changes, hints, lint, ruleProblems: rules.problems, ruleChanges };
  return { ...NOTHING, ok, against, ...found, ...since };
}
