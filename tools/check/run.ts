import { execFile } from 'node:child_process';
import path from 'node:path';

/** One command of the project; it fails by its exit code. */
export interface Step {
  name: string;
  /** A program of `node_modules/.bin` or of the machine, and its arguments. */
  command: readonly [program: string, ...args: string[]];
}

export interface StepResult {
  name: string;
  ok: boolean;
  seconds: number;
  /** What it printed, and why it was ended where it was. */
  output: string;
}

export interface RunOptions {
  /** The project's folder, where every command runs. */
  root: string;
  /** How many steps run at the same time. */
  atOnce: number;
  /** A step is ended when it takes longer; 5 minutes unless told otherwise. */
  timeoutMs?: number;
  /** Called as each step ends. */
  onResult?: (result: StepResult) => void;
}

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Runs all steps, the failed ones notwithstanding, and gives their results in the steps' order. */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<StepResult[]> {
  const results = new Map<Step, StepResult>();
  const waiting = steps.values();
  const work = async (): Promise<void> => {
    // Every worker takes its next step from the same iterator.
    for (const step of waiting) {
      const result = await runStep(step, options);
      results.set(step, result);
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return steps.flatMap((step) => results.get(step) ?? []);
}

function runStep({ name, command }: Step, { root, timeoutMs = 300_000 }: RunOptions): Promise<StepResult> {
  const [program, ...args] = command;
  const PATH = [path.join(root, 'node_modules/.bin'), process.env['PATH']].join(path.delimiter);
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const env = { ...process.env, PATH };
    execFile(
      program,
      args,
      { cwd: root, env, timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        const seconds = (performance.now() - startedAt) / 1000;
        const why = error ? explain(error, timeoutMs) : '';
        resolve({ name, ok: !error, seconds, output: [stdout, stderr, why].filter((text) => text !== '').join('\n') });
      },
    );
  });
}

function explain(error: Error & { code?: number | string | null; killed?: boolean }, timeoutMs: number): string {
  if (error.code === 'ENOENT') return 'not found; run npm ci first';
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `ended, because it printed over ${MAX_OUTPUT_BYTES} bytes`;
  if (error.killed) return `ended, because it took longer than ${timeoutMs / 1000} s`;
  return '';
}
