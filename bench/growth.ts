import type { Panel, Series } from './chart.ts';
import { compareOn, type OnProgress, type Row } from './compare.ts';
import type { Contestant } from './contestants/contestant.ts';
import { findWorkload } from './workloads/catalogue.ts';
import { BASE_SIZE, GROWTH, growthName, type Size } from './workloads/growth.ts';

/** Few at once: at 10,000 entities one answer is several megabytes. */
const CONNECTIONS = 4;

const X_LABELS: Readonly<Record<keyof Size, string>> = {
  entities: 'entities on each level',
  subgraphs: 'subgraphs',
  depth: 'levels of entities',
};

/** What the growth chart is drawn from. */
export interface Growth {
  rows: Row[];
  panels: Panel[];
}

/** CPU a request as one side of the work grows and the others stay; rivals are measured at every other point. */
export async function measureGrowth(
  contestants: readonly Contestant[],
  seconds: number,
  onProgress: OnProgress,
): Promise<Growth> {
  const growth: Growth = { rows: [], panels: [] };
  for (const side of ['entities', 'subgraphs', 'depth'] as const) {
    const series = contestants.map(({ name }) => ({ label: name, points: [] as { x: number; y: number }[] }));
    for (const [place, value] of GROWTH[side].entries()) {
      const chosen = contestants.filter((_, nth) => nth === 0 || place % 2 === 0);
      const workload = await findWorkload(growthName({ ...BASE_SIZE, [side]: value }));
      const results = await compareOn(workload, chosen, { rounds: 1, seconds, connections: CONNECTIONS }, onProgress);
      for (const { row } of results) {
        growth.rows.push(row);
        series.find(({ label }) => label === row.name)?.points.push({ x: value, y: row.cpuMsPerRequest });
      }
    }
    growth.panels.push(panelOf(side, series));
  }
  return growth;
}

function panelOf(side: keyof Size, series: readonly Series[]): Panel {
  const { entities, subgraphs, depth } = BASE_SIZE;
  const sizes = { entities: `${entities} entities`, subgraphs: `${subgraphs} subgraphs`, depth: `depth ${depth}` };
  const { [side]: _growing, ...rest } = sizes;
  return {
    title: `more ${side} (${Object.values(rest).join(', ')})`,
    xLabel: X_LABELS[side],
    yLabel: 'CPU ms a request',
    log: { x: side === 'entities', y: true },
    series: series.filter(({ points }) => points.length > 0),
  };
}
