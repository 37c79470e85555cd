import path from 'node:path';
import { explainStartError, StartError } from '../../subgraphs/kit/program.ts';
import { wrap, type Wrapped } from '../../subgraphs/kit/wrap/wrap.ts';
import { SupergraphConfigError } from '../supergraph/supergraph-config.ts';
import { findKnownGraph } from './known-graph-files.ts';
import type { Terminal } from './terminal.ts';
import { wrapText } from './wrap-text.ts';

export interface WrapOptions {
  out?: string;
  name?: string;
  schema?: string;
  join: string[];
  header: string[];
  graph?: string;
  json?: boolean;
}

/** `switchyard wrap`: exit code 0 where a department was written that starts, else 1. */
export async function runWrap(source: string, options: WrapOptions, terminal: Terminal): Promise<void> {
  const stop = new AbortController();
  terminal.onStop(() => stop.abort(new StartError('stopped; nothing was written')));
  try {
    const { graph, file } = await findKnownGraph(options.graph);
    const { out, name, schema, join: joins, header: headers } = options;
    const asked = { source, out, name, schema, joins, headers, graph, env: terminal.env, folder: process.cwd() };
    const wrapped = await wrap({ ...asked, progress: showProgress(terminal, options), signal: stop.signal });
    terminal.showProgress(undefined);
    terminal.print(options.json ? JSON.stringify(toJson(wrapped)) : wrapText(wrapped, file));
    if (wrapped.fault !== undefined) terminal.exit(1);
  } catch (error) {
    terminal.showProgress(undefined);
    if (error instanceof SupergraphConfigError) terminal.printError(error.message);
    else terminal.printError(`switchyard wrap: ${explainStartError(error)}`);
    terminal.exit(1);
  }
}

function showProgress(terminal: Terminal, { json }: WrapOptions) {
  return (what: string, rows: number): void => {
    if (!json) terminal.showProgress(rows > 0 ? `${what}: ${rows.toLocaleString('en')} rows …` : `${what} …`);
  };
}

/** For programs: names, counts and questions, with paths from here. */
function toJson({ draft, survey, files, questions, needs, fault, aside }: Wrapped): Record<string, unknown> {
  const here = (file: string): string => path.relative(process.cwd(), file);
  return {
    ok: fault === undefined,
    department: draft.department,
    files: [here(files.manifest), here(files.schema)],
    types: draft.types.map(({ name, from, keys, fields }) => {
      const { rows, rowsSeen } = survey.collections.find((collection) => collection.from === from)!;
      return {
        name,
        from,
        rows,
        rowsSeen,
        keys,
        fields: fields.map((field) => ({ name: field.name, type: field.type })),
      };
    }),
    queries: draft.queries.map(({ name }) => name),
    questions: questions.map((question) => ({ ...question, file: here(question.file) })),
    leftOut: survey.leftOut,
    aside,
    ...(needs !== undefined && { needs }),
    ...(fault !== undefined && { fault }),
  };
}
