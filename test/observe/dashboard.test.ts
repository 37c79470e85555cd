import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../kit/department.ts';
import { LIBRARY } from '../kit/library.ts';
import { serveFederation } from '../kit/served-federation.ts';
import { makePlace } from '../audit/trail-kit.ts';

interface Dashboard {
  panels: { title: string; type: string; targets?: { expr: string }[] }[];
  templating: { list: { query: string }[] };
}

const FILE = 'observe/grafana-dashboard.json';

/** Metrics that a gateway with all its parts gives, histograms with the series that they come to. */
async function given(): Promise<Set<string>> {
  const place = await makePlace();
  const folder = temporaryFolder();
  const federation = await serveFederation(LIBRARY, {
    ...{ metrics: { port: 0 }, audit: place.settings() },
    dispatch: { store: folder.file('dispatch.db') },
  });
  onTestFinished(async () => {
    await federation.close();
    await place.close();
    folder.close();
  });
  const text = await (await fetch(federation.metricsUrl!)).text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

test('every metric that the dashboard draws is one that the gateway gives, and no panel is empty', async () => {
  const { panels, templating } = JSON.parse(readFileSync(FILE, 'utf8')) as Dashboard;
  const drawn = panels.filter(({ type }) => type !== 'row');
  for (const { title, targets } of drawn) expect(targets?.length, title).toBeGreaterThan(0);
  const expressions = [
    ...drawn.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...templating.list.map(({ query }) => query),
  ];
  const named = new Set(expressions.flatMap((expr) => expr.match(/\b(?:switchyard|nodejs|process)_\w+/g) ?? []));
  expect(named.size).toBeGreaterThan(20);
  const metrics = await given();
  expect([...named].filter((name) => !metrics.has(name))).toEqual([]);
  // And the other way round: what the gateway counts of its own is drawn.
  const own = [...metrics].filter((name) => /^switchyard_.*(?<!_sum|_count)$/.test(name));
  expect(own.filter((name) => !named.has(name))).toEqual(['switchyard_department_limit']);
});
