import { readFile, writeFile } from 'node:fs/promises';
import { compositionText } from './problem-text.ts';
import { composeSubgraphs } from '../supergraph/compose.ts';
import type { CompositionProblem } from '../supergraph/composition.ts';
import { readSubgraphs, SupergraphConfigError } from '../supergraph/supergraph-config.ts';
import type { Terminal } from './terminal.ts';

export interface ComposeOptions {
  config: string;
  output: string;
  check?: boolean;
  json?: boolean;
}

/** `switchyard compose`: exit code 0 when the file is written or as it should be, 1 when not. */
export async function runCompose(options: ComposeOptions, terminal: Terminal): Promise<void> {
  try {
    const outcome = await compose(options);
    if (options.json) terminal.print(JSON.stringify(outcome));
    else if (outcome.ok) terminal.print(outcome.message);
    else
      terminal.printError(
        [outcome.message, compositionText(outcome.problems)].filter((part) => part !== '').join('\n\n'),
      );
    if (!outcome.ok) terminal.exit(1);
  } catch (error) {
    if (!(error instanceof SupergraphConfigError)) throw error;
    terminal.printError(error.message);
    terminal.exit(1);
  }
}

interface Outcome {
  ok: boolean;
  message: string;
  problems: CompositionProblem[];
}

async function compose({ config, output, check }: ComposeOptions): Promise<Outcome> {
  const subgraphs = await readSubgraphs(config);
  const result = composeSubgraphs(subgraphs);
  if (!result.ok) {
    const count = result.problems.length;
    return {
      ok: false,
      message: `The subgraphs are not one graph: ${count} ${count === 1 ? 'problem' : 'problems'}.`,
      problems: result.problems,
    };
  }
  if (!check) {
    await writeFile(output, result.sdl);
    return { ok: true, message: `Composed ${subgraphs.length} subgraphs into ${output}.`, problems: [] };
  }
  const written = await readFile(output, 'utf8').catch(() => '');
  if (written === result.sdl) return { ok: true, message: `${output} is what the subgraphs compose to.`, problems: [] };
  return {
    ok: false,
    message: `${output} is not what the subgraphs compose to; run "npm run compose" and commit it.`,
    problems: [],
  };
}
