import { isInstalled, type Contestant } from './contestants/contestant.ts';
import { startFederation, type Federation } from './federation/federation.ts';
import { peakMemoryMiB } from './machine.ts';
import { startRunner, type Runner } from './runner.ts';
import { median, spreadOf, type Spread } from './statistics.ts';
import { startLoad, takeTurn, type Sample } from './turn.ts';
import type { Workload } from './workloads/workload.ts';

export interface CompareSettings {
  /** Turns each contestant has under load. */
  rounds: number;
  /** Length of a turn; warming up takes two. */
  seconds: number;
  connections: number;
}

/** A line of the table: medians over the rounds. Times in milliseconds. */
export interface Row extends Sample {
  workload: string;
  name: string;
  /** Most memory the process and those below it held, from its start to its last turn. */
  peakMemoryMiB: number;
}

/** A contestant's row with what only the table shows. */
export interface Result {
  contestant: Contestant;
  row: Row;
  /** Its CPU a request divided by that of the first contestant, round by round. */
  timesFirst: Spread;
  /** The CPU a request of the first rival (the second contestant) divided by its own, round by round. */
  rivalTimes: Spread | undefined;
}

/** After the first turn its connections are closed, which V8 has not seen before: much of what it compiled it compiles anew. */
const WARM_UP_TURNS = 2;

/** Told what the bench is doing: one short line. */
export type OnProgress = (doing: string) => void;

/** Splits contestants into those that can run a workload and those that are not installed. */
export function choose(
  contestants: readonly Contestant[],
  workload: Workload,
): { ready: Contestant[]; leftOut: Contestant[] } {
  const meant = contestants.filter(({ workloads }) => workloads?.includes(workload.name) ?? true);
  return {
    ready: meant.filter(isInstalled),
    leftOut: meant.filter((contestant) => !isInstalled(contestant)),
  };
}

/**
 * Runs a workload: starts everyone, compares their answers, warms up, then gives each a turn, round after round.
 * @throws Error where a contestant does not start or gives a wrong answer
 */
export async function compareOn(
  workload: Workload,
  contestants: readonly Contestant[],
  settings: CompareSettings,
  onProgress: OnProgress,
): Promise<Result[]> {
  const runners: Runner[] = [];
  const load = startLoad();
  let federation: Federation | undefined;
  try {
    federation = await startFederation(workload);
    for (const contestant of contestants) {
      onProgress(`${workload.name}: starting ${contestant.name}`);
      runners.push(await startRunner(contestant, workload, federation));
    }
    const samples = runners.map((): Sample[] => []);
    for (let turn = 0; turn < WARM_UP_TURNS + settings.rounds; turn += 1) {
      const round = turn - WARM_UP_TURNS + 1;
      for (const [place, runner] of runners.entries()) {
        const what = round < 1 ? 'warming up' : `round ${round} of ${settings.rounds}`;
        onProgress(`${workload.name}: ${what}, ${runner.contestant.name}`);
        const startAt = 1_000 + (turn * runners.length + place) * 1_000_000;
        const sample = await takeTurn({ load, federation }, runner, { ...settings, startAt });
        if (round >= 1) samples[place]!.push(sample);
      }
    }
    return runners.map((runner, place) => summarise(runner, samples[place]!, samples));
  } finally {
    await Promise.all([load.stop(), federation?.stop(), ...runners.map(({ child }) => child.stop())]);
  }
}

function summarise({ contestant, workload, child }: Runner, own: readonly Sample[], all: readonly Sample[][]): Result {
  const of = (pick: (sample: Sample) => number): number => median(own.map(pick));
  const row: Row = {
    workload: workload.name,
    name: contestant.name,
    cpuMsPerRequest: of((sample) => sample.cpuMsPerRequest),
    requestsPerSecond: of((sample) => sample.requestsPerSecond),
    p50Ms: of((sample) => sample.p50Ms),
    p99Ms: of((sample) => sample.p99Ms),
    peakMemoryMiB: peakMemoryMiB(child.pid),
    subgraphRequestsPerRequest: of((sample) => sample.subgraphRequestsPerRequest),
  };
  const [first, rival] = all;
  return {
    contestant,
    row,
    timesFirst: ratios(own, first!),
    rivalTimes: rival && ratios(rival, own),
  };
}

function ratios(above: readonly Sample[], below: readonly Sample[]): Spread {
  return spreadOf(above.map(({ cpuMsPerRequest }, round) => cpuMsPerRequest / below[round]!.cpuMsPerRequest));
}
