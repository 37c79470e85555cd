import { Kind, visit, type DocumentNode } from 'graphql';
import { compileProgram, type Program, type ProgramInput } from './compile-program.ts';
import type { ExecutionInput } from '../execute/execution.ts';
import { NotCompilable } from './not-compilable.ts';
import { runProgram } from './run-program.ts';

/** Programs are made for the values of an operation's conditions; beyond this many variables there would be too many. */
const MAX_CONDITION_VARIABLES = 4;

/** A program that gives up this often, and in more than half of its runs, is more work than it saves. */
const MAX_GIVEN_UP = 20;

interface Entry {
  program: Program | undefined;
  runs: number;
  givenUp: number;
}

/** The programs of one operation: one for each way its `@skip` and `@include` can go. */
export class Programs {
  readonly #input: Omit<ProgramInput, 'variables'>;
  readonly #conditionVariables: readonly string[];
  readonly #entries = new Map<string, Entry>();

  constructor(input: Omit<ProgramInput, 'variables'>, document: DocumentNode) {
    this.#input = input;
    this.#conditionVariables = conditionVariables(document);
  }

  /**
   * Runs the operation.
   * @returns the text of the answer's `data`, to be written as latin1; undefined where it has to be run the plain way
   */
  async run({ variables, fetcher, deadline }: ExecutionInput): Promise<string | undefined> {
    const entry = this.#select(variables);
    if (!entry.program) return undefined;
    entry.runs += 1;
    const dataText = await runProgram(entry.program, { variables, fetcher, deadline });
    if (dataText === undefined) entry.givenUp += 1;
    return dataText;
  }

  #select(variables: Readonly<Record<string, unknown>>): Entry {
    const key = this.#conditionVariables.map((name) => (variables[name] === true ? '1' : '0')).join('');
    let entry = this.#entries.get(key);
    if (!entry) this.#entries.set(key, (entry = { program: this.#compile(variables), runs: 0, givenUp: 0 }));
    if (entry.givenUp > MAX_GIVEN_UP && entry.givenUp * 2 > entry.runs) entry.program = undefined;
    return entry;
  }

  #compile(variables: Readonly<Record<string, unknown>>): Program | undefined {
    if (this.#conditionVariables.length > MAX_CONDITION_VARIABLES) return undefined;
    try {
      return compileProgram({ ...this.#input, variables });
    } catch (error) {
      if (error instanceof NotCompilable) return undefined;
      throw error;
    }
  }
}

function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given }) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
