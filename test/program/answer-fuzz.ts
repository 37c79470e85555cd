import fc from 'fast-check';
import { federate, type SmallFederation, type SmallSubgraph } from '../kit/federation.ts';
import { requestBody } from '../../gateway/execute/fetcher.ts';
import type { SubgraphResponse } from '../../gateway/execute/response.ts';
import { corrupt, corruptions, type Corruption } from './corruption.ts';

/** Corrupted answers of two subgraphs, to be tried. */
export interface FuzzOptions {
  subgraphs: Readonly<Record<string, SmallSubgraph>>;
  queries: readonly string[];
  runs: number;
  seed: number;
  /** Told after each corruption that was tried, also those by which a difference is made smaller. */
  onRun?(tried: number): void;
}

/** What came of it. */
export interface FuzzOutcome {
  /** Corruptions that were tried. */
  tried: number;
  /** How many of them the program answered itself. */
  byProgram: number;
  /** The smallest difference, described; absent where there is none. */
  difference?: string;
}

/**
 * Compares the program with the plain way, which is `JSON.parse` and what follows from it: whatever bytes a subgraph answers,
 * both give the same.
 */
export async function fuzzAnswers({ subgraphs, queries, runs, seed, onRun }: FuzzOptions): Promise<FuzzOutcome> {
  const pair = await FuzzedPair.open(subgraphs);
  const outcome: FuzzOutcome = { tried: 0, byProgram: 0 };
  try {
    const property = fc.asyncProperty(fc.constantFrom(...queries), corruptions, async (query, corruption) => {
      const { quick, plain, isByProgram } = await pair.ask(query, corruption);
      outcome.tried += 1;
      if (isByProgram) outcome.byProgram += 1;
      onRun?.(outcome.tried);
      if (quick !== plain) throw new Error(`by program: ${quick}\nplain way:  ${plain}`);
    });
    const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: runs, seed });
    if (failed && counterexample) outcome.difference = await describe(pair, counterexample, errorInstance);
    return outcome;
  } finally {
    await pair.close();
  }
}

async function describe(pair: FuzzedPair, [query, corruption]: [string, Corruption], error: unknown): Promise<string> {
  const { service, bodies } = await pair.bodies(query, corruption);
  const shown = bodies.map((body) => `${service} answers: ${JSON.stringify(body.toString('latin1'))}`);
  return [query, ...shown, error instanceof Error ? error.message : String(error)].join('\n');
}

/** What the subgraphs' answers are corrupted by, and what came of it. */
interface Tampering {
  /** Nothing is corrupted where it is absent. */
  corruption: Corruption | undefined;
  service: string | undefined;
  bodies: Buffer[];
  /** The subgraphs that were asked. */
  asked: Set<string>;
}

/** The same federation twice, with and without programs. */
class FuzzedPair {
  readonly #quick: SmallFederation;
  readonly #plain: SmallFederation;
  readonly #tampering: Tampering;

  private constructor(quick: SmallFederation, plain: SmallFederation, tampering: Tampering) {
    this.#quick = quick;
    this.#plain = plain;
    this.#tampering = tampering;
  }

  static async open(subgraphs: FuzzOptions['subgraphs']): Promise<FuzzedPair> {
    const tampering: Tampering = { corruption: undefined, service: undefined, bodies: [], asked: new Set() };
    const known = new Map<string, Promise<SubgraphResponse>>();
    const open = (usePrograms: boolean): Promise<SmallFederation> =>
      federate(subgraphs, {
        usePrograms,
        tamper(body, { template }) {
          const { corruption, service, bodies } = tampering;
          if (!corruption || service !== template.service) return body;
          const corrupted = corrupt(body, corruption);
          bodies.push(corrupted);
          return corrupted;
        },
        intercept(request, next) {
          const { service } = request.template;
          tampering.asked.add(service);
          return remember(known, `${service} ${requestBody(request)}`, next);
        },
      });
    const [quick, plain] = await Promise.all([open(true), open(false)]);
    return new FuzzedPair(quick, plain, tampering);
  }

  async ask(query: string, corruption: Corruption): Promise<{ quick: string; plain: string; isByProgram: boolean }> {
    await this.#choose(query, corruption);
    const before = this.#quick.programAnswers();
    const [quick, plain] = [await this.#quick.ask(query), await this.#plain.ask(query)];
    const isByProgram = this.#quick.programAnswers() > before;
    return { quick: JSON.stringify(quick), plain: JSON.stringify(plain), isByProgram };
  }

  /** What the corrupted subgraph answers. */
  async bodies(query: string, corruption: Corruption): Promise<{ service: string; bodies: readonly Buffer[] }> {
    const service = await this.#choose(query, corruption);
    this.#tampering.bodies.length = 0;
    await this.#plain.ask(query);
    return { service, bodies: this.#tampering.bodies };
  }

  /** Chooses the subgraph among those that are asked when all is well. */
  async #choose(query: string, corruption: Corruption): Promise<string> {
    this.#tampering.corruption = undefined;
    this.#tampering.asked.clear();
    // Good answers in between: a program that nearly always gives up is put aside.
    for (let times = 0; times < 2; times++) await this.#quick.ask(query);
    const services = [...this.#tampering.asked];
    const service = services[corruption.subgraph % services.length]!;
    Object.assign(this.#tampering, { corruption, service });
    return service;
  }

  async close(): Promise<void> {
    await Promise.all([this.#quick.close(), this.#plain.close()]);
  }
}

/** Answers that are remembered at once; asking a subgraph costs more than everything else here. */
const MAX_REMEMBERED = 1_000;

function remember<Value>(known: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const value = known.get(key) ?? make();
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(key, value);
  return value;
}
