import type { OnProgress } from './compare.ts';
import type { Contestant } from './contestants/contestant.ts';
import { startFederation } from './federation/federation.ts';
import { peakMemoryMiB, residentMemoryMiB } from './machine.ts';
import { startRunner } from './runner.ts';
import { slopeOf, type Point } from './statistics.ts';
import { startLoad, takeTurn, type Sample } from './turn.ts';
import type { Workload } from './workloads/workload.ts';

const SAMPLE_EVERY_MS = 1_000;
/** The part of the time that counts as getting going: the slope leaves it out. */
const WARMING_SHARE = 0.2;

/** What a long time under load showed. */
export interface Soak {
  /** Memory over time: minutes and MiB. */
  points: Point[];
  /** How fast memory grows once the process has got going. */
  slopeMiBPerMinute: number;
  peakMemoryMiB: number;
  sample: Sample;
}

/** Keeps one contestant under load and watches its memory. */
export async function soak(
  workload: Workload,
  contestant: Contestant,
  settings: { minutes: number; connections: number },
  onProgress: OnProgress,
): Promise<Soak> {
  const load = startLoad();
  const federation = await startFederation(workload);
  try {
    const runner = await startRunner(contestant, workload, federation);
    const { pid } = runner.child;
    const points: Point[] = [];
    const startedAt = performance.now();
    const watch = setInterval(() => {
      const minutes = (performance.now() - startedAt) / 60_000;
      const memoryMiB = residentMemoryMiB(pid);
      points.push({ x: minutes, y: memoryMiB });
      onProgress(`${workload.name}: ${minutes.toFixed(1)} of ${settings.minutes} minutes, ${memoryMiB.toFixed(0)} MiB`);
    }, SAMPLE_EVERY_MS);
    try {
      const turn = { seconds: settings.minutes * 60, connections: settings.connections, startAt: 1_000 };
      const sample = await takeTurn({ load, federation }, runner, turn);
      const settled = points.slice(Math.floor(points.length * WARMING_SHARE));
      return { points, slopeMiBPerMinute: slopeOf(settled), peakMemoryMiB: peakMemoryMiB(pid), sample };
    } finally {
      clearInterval(watch);
      await runner.child.stop();
    }
  } finally {
    await Promise.all([load.stop(), federation.stop()]);
  }
}
