import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { departmentFrom } from '../../subgraphs/kit/manifest/manifest-department.ts';
import { serveDepartment, type RunningSubgraph } from '../../subgraphs/kit/subgraph.ts';
import { NO_GRAPH } from '../../subgraphs/kit/wrap/known-graph.ts';
import { wrap, type WrapOptions, type Wrapped } from '../../subgraphs/kit/wrap/wrap.ts';

/** Wraps a source as somebody would who is in a folder and says nothing but what is said here. */
export function wrapIn(folder: string, source: string, more: Partial<WrapOptions> = {}): Promise<Wrapped> {
  return wrap({
    source,
    out: undefined,
    name: undefined,
    schema: undefined,
    joins: [],
    headers: [],
    graph: NO_GRAPH,
    env: {},
    folder,
    progress: () => {},
    signal: new AbortController().signal,
    ...more,
  });
}

/** Serves what was wrapped. */
export function serveWrapped({ files }: Wrapped, env: Record<string, string> = {}): Promise<RunningSubgraph> {
  return serveDepartment(departmentFrom(pathToFileURL(files.manifest)), { ...env, PORT: '0' });
}

interface Answer {
  data?: Record<string, unknown>;
  errors?: { message: string }[];
}

/** Asks a subgraph. */
export async function ask(url: string, query: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (await response.json()) as Answer;
}

/** What is asked, and whether it stands where it is said to. */
export function questionsOf({ questions }: Wrapped): string[] {
  for (const { file, line, text } of questions)
    expect(readFileSync(file, 'utf8').split('\n')[line - 1]).toContain(text);
  return questions.map(({ text }) => text);
}
