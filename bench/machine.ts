import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';

/** Ticks a second of the times in /proc/PID/stat; 100 on every Linux. */
const TICKS_PER_SECOND = 100;

/** What the figures were taken on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  node: string;
  system: string;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: usableCores().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${platform()} ${arch()}`,
  };
}

/** Milliseconds of CPU (user and system) that a process and all below it have used in all their threads. */
export function cpuMs(pid: number): number {
  const ticks = processTree(pid).map((id) => {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The program's name stands in brackets and may hold spaces; utime and stime are the 12th and 13th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return (sum(ticks) * 1000) / TICKS_PER_SECOND;
}

/** Most memory that a process and all below it have held since they were started, in MiB. */
export function peakMemoryMiB(pid: number): number {
  return memoryMiB(pid, 'VmHWM');
}

/** Memory that a process and all below it hold now, in MiB. */
export function residentMemoryMiB(pid: number): number {
  return memoryMiB(pid, 'VmRSS');
}

function memoryMiB(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const pattern = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm');
  const kib = processTree(pid).map((id) => Number(pattern.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0));
  return sum(kib) / 1024;
}

function processTree(pid: number): number[] {
  const below = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...below.flatMap(processTree)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Which side of the machine a process belongs to. */
export type Side = 'gateway' | 'rest';

/**
 * The command that starts a program on its side's cores: the gateway has one core to itself, load and subgraphs have the
 * others. Where there is only one core, or no `taskset`, it runs anywhere.
 */
export function onSide(side: Side, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  const cores = usableCores();
  if (!isPinned()) return command;
  const own = side === 'gateway' ? cores.slice(0, 1) : cores.slice(1);
  return ['taskset', '-c', own.join(','), ...command];
}

/** Whether the gateway has a core to itself. */
export function isPinned(): boolean {
  return usableCores().length > 1 && existsSync('/usr/bin/taskset');
}

function usableCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, nth) => first + nth);
  });
}
