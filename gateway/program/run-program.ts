import { isUtf8 } from 'node:buffer';
import type { ExecutionInput } from '../execute/execution.ts';
import { isFetchFault } from '../execute/fetch-errors.ts';
import { GIVE_UP, type Program, type ProgramObject } from './compile-program.ts';
import type { PlannedFetch, PlanTree } from './plan-fetches.ts';

interface Result {
  value: ProgramObject | null;
}

/** What the fetches of one group share. */
interface GroupState {
  /** Results by representation; under way until the fetch that asked is done. */
  results: Map<string, Result>;
  underWay: Promise<void>[];
}

/**
 * Runs a program.
 *
 * @returns the text of the answer's `data`: bytes of UTF-8 as characters, to be written as latin1; undefined where a
 *   department answered anything the program was not made for
 */
export async function runProgram(program: Program, input: ExecutionInput): Promise<string | undefined> {
  const run = new ProgramRun(program, input);
  try {
    await run.step(program.tree);
    return program.code.write(run.root);
  } catch (error) {
    // What a department's fault means for the answer is the plain way's to say.
    if (error === GIVE_UP || isFetchFault(error)) return undefined;
    throw error;
  }
}

class ProgramRun {
  readonly root: ProgramObject;
  readonly #program: Program;
  readonly #input: ExecutionInput;
  readonly #groups = new Map<number, GroupState>();

  constructor(program: Program, input: ExecutionInput) {
    this.#program = program;
    this.#input = input;
    this.root = program.code.start();
  }

  async step(tree: PlanTree): Promise<void> {
    switch (tree.kind) {
      case 'sequence':
        for (const step of tree.steps) await this.step(step);
        return;
      case 'parallel':
        await Promise.all(tree.steps.map((step) => this.step(step)));
        return;
      case 'fetch':
        await (tree.fetch.node.requires ? this.#fetchEntities(tree.fetch) : this.#fetchRoot(tree.fetch));
    }
  }

  async #fetchRoot({ id }: PlannedFetch): Promise<void> {
    const text = await this.#ask(id, []);
    this.#program.code.data[id]!(this.root, text);
  }

  async #fetchEntities(fetch: PlannedFetch): Promise<void> {
    const state = this.#group(fetch.group);
    const fetching = this.#fetchMissing(fetch, state, [...state.underWay]);
    state.underWay.push(fetching);
    await fetching;
  }

  /** @param before fetches of the group that began earlier: what they asked for is not asked for again */
  async #fetchMissing({ id, group }: PlannedFetch, state: GroupState, before: readonly Promise<void>[]): Promise<void> {
    const { code } = this.#program;
    const objects: ProgramObject[] = [];
    const representations: string[] = [];
    const types: string[] = [];
    const waits = code.collect[id]!(this.root, objects, representations, types);
    const asked = newlyAsked(state, representations, types);
    const results = representations.map((text) => state.results.get(text)!);
    if (asked.representations.length > 0) await this.#askEntities(id, group, asked);
    if (before.length > 0 && (waits || asked.representations.length < representations.length))
      await Promise.all(before);
    code.attach[group]!(objects, results);
  }

  async #askEntities(id: number, group: number, { representations, types, results }: Asked): Promise<void> {
    const text = await this.#ask(id, representations);
    const values = this.#program.code.entities[group]!(this.root, text, types);
    for (let index = 0; index < results.length; index++) results[index]!.value = values[index]!;
  }

  async #ask(id: number, representations: readonly string[]): Promise<string> {
    const { fetcher, deadline, variables } = this.#input;
    const { template, variablesText } = this.#program.fetches[id]!;
    const request = { template, variablesText: variablesText(variables), representations: representations.map(decode) };
    const { body } = await fetcher(request, deadline);
    if (!isUtf8(body)) throw GIVE_UP;
    return body.toString('latin1');
  }

  #group(group: number): GroupState {
    let state = this.#groups.get(group);
    if (!state) this.#groups.set(group, (state = { results: new Map(), underWay: [] }));
    return state;
  }
}

/** The program's texts have a character for each byte of UTF-8; a request is made of characters. */
function decode(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

const BEYOND_ASCII = /[\x80-\xff]/;

interface Asked {
  representations: string[];
  types: string[];
  results: Result[];
}

/** Of the representations, those that nobody asked for yet, each once. */
function newlyAsked({ results }: GroupState, representations: readonly string[], types: readonly string[]): Asked {
  const asked: Asked = { representations: [], types: [], results: [] };
  for (let index = 0; index < representations.length; index++) {
    const text = representations[index]!;
    if (results.has(text)) continue;
    const result: Result = { value: null };
    results.set(text, result);
    asked.representations.push(text);
    asked.types.push(types[index]!);
    asked.results.push(result);
  }
  return asked;
}
