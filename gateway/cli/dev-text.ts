import type { DevEvent } from '../dev/dev-graph.ts';
import { colors } from './colors.ts';
import { compositionText } from './problem-text.ts';
import type { OpenGraph } from '../dev/open-graph.ts';

/** What of the graph is there. */
export function graphText({ file, running, missing, mocks }: OpenGraph): string {
  if (file === undefined)
    return 'No supergraph.yaml here: the departments are a graph of their own. Others are joined with --graph FILE.';
  const parts = [`Graph of ${file}: ${running.length} ${running.length === 1 ? 'department' : 'departments'} running`];
  if (missing.length > 0 && mocks.length > 0)
    parts.push(`made up, and marked so in extensions.mocked: ${missing.join(', ')}`);
  else if (missing.length > 0)
    parts.push(`not running: ${missing.join(', ')} (their fields are null; --mock has them made up)`);
  return parts.join('; ');
}

/** What happened, for a person. */
export function devText(event: DevEvent): string {
  switch (event.event) {
    case 'ready':
      return readyText(event);
    case 'reloaded':
      return `${colors.green('taken')}: ${event.departments.join(', ') || 'the graph'} (${event.tookMs} ms)`;
    case 'fault':
      return `${colors.red(event.folder)} cannot be served${kept(event.isServed)}\n${event.reason}`;
    case 'graph-fault':
      return `${colors.red('The graph cannot be read')}; what was read before still holds\n${event.reason}`;
    case 'not-composed': {
      const { length } = event.problems;
      const what = `The departments are not one graph: ${length} ${length === 1 ? 'problem' : 'problems'}`;
      return [`${colors.red(what)}${kept(event.isServed)}`, compositionText(event.problems)].join('\n\n');
    }
  }
}

function kept(isServed: boolean): string {
  return isServed ? '; what was there before is still served' : '; it is tried again when a file changes';
}

function readyText({ url, query }: Extract<DevEvent, { event: 'ready' }>): string {
  const page = new URL('/', url).href;
  const lines = ['', `${colors.bold('graph')}  ${url}`, `${colors.bold('page')}   ${page}  (GraphiQL)`];
  if (query !== undefined) {
    lines.push(`${colors.bold('ask')}    ${query}`);
    lines.push(
      `       curl -sG ${url} --data-urlencode '${query.includes("'") ? 'query={ __typename }' : `query=${query}`}'`,
    );
  }
  return [...lines, '', 'Changes of manifests and SDL are taken as they are saved. Ctrl-C ends it.'].join('\n');
}
