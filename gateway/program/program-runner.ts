import type { ExecutionInput } from '../execute/execution.ts';
import { compileProgram, type Program, type ProgramInput } from './compile-program.ts';
import { NotCompilable } from './not-compilable.ts';
import { runProgram, type ProgramAnswer } from './run-program.ts';

/** A program that gives up this often, and in more than half of its runs, is more work than it saves. */
const MAX_GIVEN_UP = 20;

/** The quick way to run an operation, for as long as it is quick. */
export class ProgramRunner {
  readonly #program: Program;
  #runs = 0;
  #givenUp = 0;

  private constructor(program: Program) {
    this.#program = program;
  }

  /** Makes the program; undefined where the operation has to be run the plain way. */
  static compile(input: ProgramInput): ProgramRunner | undefined {
    try {
      return new ProgramRunner(compileProgram(input));
    } catch (error) {
      if (error instanceof NotCompilable) return undefined;
      throw error;
    }
  }

  /** Runs the program. @returns undefined where it has to be run the plain way */
  async run(input: ExecutionInput): Promise<ProgramAnswer | undefined> {
    if (this.#givenUp > MAX_GIVEN_UP && this.#givenUp * 2 > this.#runs) return undefined;
    this.#runs += 1;
    const answer = await runProgram(this.#program, input);
    if (!answer) this.#givenUp += 1;
    return answer;
  }
}
