import type { ExecutionInput } from '../execute/execution.ts';
import type { SubgraphAnswer } from '../execute/fetcher.ts';
import { isFetchFault } from '../execute/fetch-errors.ts';
import { GIVE_UP, type Asked, type Program, type ProgramObject, type Result } from './compile-program.ts';
import type { PlannedFetch, PlanTree } from './plan-fetches.ts';

/** What one fetch asks for. */
class NewlyAsked implements Asked {
  readonly objects: ProgramObject[] = [];
  readonly results: Result[] = [];
  readonly representations: string[] = [];
  readonly types: string[] = [];
  readonly #added: Result[] = [];

  add(representation: string, typeName: string): Result {
    const result: Result = { value: null };
    this.representations.push(representation);
    this.types.push(typeName);
    this.#added.push(result);
    return result;
  }

  answer(values: readonly (ProgramObject | null)[]): void {
    for (let index = 0; index < values.length; index++) this.#added[index]!.value = values[index]!;
  }
}

/** What a program gives. */
export interface ProgramAnswer {
  /** The text of the answer's `data`: bytes of UTF-8 as characters, to be written as latin1. */
  dataText: string;
  /** The entities that were read and are to be named: a type, then the JSON of a key (bytes as characters too), and so on. */
  subjects: readonly string[];
}

/** Runs a program. @returns undefined where a department answered anything the program was not made for */
export async function runProgram(program: Program, input: ExecutionInput): Promise<ProgramAnswer | undefined> {
  const run = new ProgramRun(program, input);
  try {
    await run.step(program.tree);
    return { dataText: program.code.write(run.root), subjects: program.code.subjects(run.root) };
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
  /** By group: fetches that give results to its fetches. */
  readonly #underWay = new Map<number, Promise<void>[]>();
  /** Whether every byte of every answer so far is a character by itself, so that all that is made of them is. */
  #isAscii = true;

  constructor(program: Program, input: ExecutionInput) {
    this.#program = program;
    this.#input = input;
    this.root = program.code.start();
  }

  step(tree: PlanTree): Promise<unknown> {
    switch (tree.kind) {
      case 'sequence':
        return this.#sequence(tree.steps);
      case 'parallel':
        return Promise.all(tree.steps.map((step) => this.step(step)));
      case 'fetch':
        return tree.fetch.node.requires ? this.#fetchEntities(tree.fetch) : this.#fetchRoot(tree.fetch);
    }
  }

  async #sequence(steps: readonly PlanTree[]): Promise<void> {
    for (const step of steps) await this.step(step);
  }

  async #fetchRoot({ id }: PlannedFetch): Promise<void> {
    const text = await this.#ask(id, []);
    this.#program.code.data[id]!(this.root, text);
  }

  #fetchEntities(fetch: PlannedFetch): Promise<void> {
    const first = this.#program.batches.get(fetch.id);
    if (first !== undefined) return this.#fetchBatch(fetch.id, first);
    const underWay = this.#underWayOf(fetch.group);
    const fetching = this.#fetchMissing(fetch, [...underWay]);
    underWay.push(fetching);
    for (const { by, group } of this.#program.covers) if (by === fetch.group) this.#underWayOf(group).push(fetching);
    return fetching;
  }

  async #fetchBatch(id: number, first: number): Promise<void> {
    const { code } = this.#program;
    const batch = code.batch[first]!(this.root);
    if (batch.texts.length > 0) code.fill[id]!(this.root, await this.#ask(id, batch.texts), batch);
  }

  /** @param before fetches that began earlier: what they give to the group is not asked for again */
  async #fetchMissing({ id, group }: PlannedFetch, before: readonly Promise<void>[]): Promise<void> {
    const { code } = this.#program;
    const asked = new NewlyAsked();
    const waits = code.collect[id]!(this.root, asked);
    const { representations, types, objects, results } = asked;
    if (representations.length > 0) {
      const text = await this.#ask(id, representations);
      asked.answer(code.entities[group]!(this.root, text, types));
    }
    if (before.length > 0 && (waits || representations.length < objects.length)) await Promise.all(before);
    code.attach[group]!(objects, results);
  }

  #ask(id: number, representations: readonly string[]): Promise<string> {
    const { fetcher, deadline, variables } = this.#input;
    const { template, variablesText } = this.#program.fetches[id]!;
    const texts = this.#isAscii ? representations : representations.map(decode);
    const request = { template, variablesText: variablesText(variables), representations: texts };
    return fetcher(request, deadline).then(this.#take);
  }

  readonly #take = ({ body }: SubgraphAnswer): string => {
    if (body.encoding === 'unknown') throw GIVE_UP;
    if (body.encoding === 'utf8') this.#isAscii = false;
    return body.bytes;
  };

  #underWayOf(group: number): Promise<void>[] {
    let underWay = this.#underWay.get(group);
    if (!underWay) this.#underWay.set(group, (underWay = []));
    return underWay;
  }
}

/** The program's texts have a character for each byte of UTF-8; a request is made of characters. */
function decode(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
