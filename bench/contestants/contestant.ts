import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  PACKAGED_CACHE_SETTINGS,
  PACKAGED_ENFORCE_SETTINGS,
  PACKAGED_OBSERVED_SETTINGS,
  PACKAGED_PROGRAM,
  PACKAGED_SETTINGS,
} from './package.ts';

/** What a contestant is started with. */
export interface Track {
  workload: string;
  supergraphFile: string;
  /** What who goes by rules is started with, see `Federation`. */
  enforceFolder: string;
  /** The subgraphs' URLs by name. */
  urls: Readonly<Record<string, string>>;
  port: number;
}

/** A program that answers a workload's operation over HTTP. */
export interface Contestant {
  name: string;
  /** What it is, in a few words. */
  title: string;
  /** Workloads it is made for. Default: all. */
  workloads?: readonly string[];
  /** File without which it cannot run; a rival that is not installed is left out. */
  needs: string;
  /** Arguments to `node`. */
  args(track: Track): string[];
  env?(track: Track): Readonly<Record<string, string>>;
}

const BENCH = path.resolve(import.meta.dirname, '..');
const inBench = (file: string): string => path.join(BENCH, file);
const HIVE = inBench('rivals/node_modules/@graphql-hive/gateway/dist/bin.js');

function hive(name: string, title: string, config: string, needs: string): Contestant {
  return {
    name,
    title,
    needs,
    args: ({ supergraphFile, port }) => [
      HIVE,
      'supergraph',
      supergraphFile,
      ...['--port', String(port), '--host', '127.0.0.1', '--fork', '1'],
      ...['--config-path', inBench(config)],
    ],
  };
}

/** This gateway going by rules and writing a trail. @param trailStore default: an SQLite file */
export function enforcing(name: string, title: string, trailStore?: string): Contestant {
  return {
    name,
    title,
    needs: inBench('../bin/switchyard.js'),
    args: ({ enforceFolder, port }) => [
      PACKAGED_PROGRAM,
      'serve',
      ...['--supergraph', path.join(enforceFolder, 'supergraph.graphql'), '--port', String(port)],
      ...['--config', PACKAGED_ENFORCE_SETTINGS],
    ],
    env: ({ enforceFolder }) => ({
      BENCH_ENFORCE_FOLDER: enforceFolder,
      ...(trailStore === undefined ? {} : { BENCH_TRAIL_STORE: trailStore }),
    }),
  };
}

/** This gateway with its cache in memory. @param maxAgeSeconds how long subgraphs allow to remember their answers */
function remembering(name: string, title: string, maxAgeSeconds: number, workloads: readonly string[]): Contestant {
  return {
    ...packaged(name, title, PACKAGED_CACHE_SETTINGS),
    workloads,
    env: ({ urls }) => {
      const allowing = Object.entries(urls).map(([subgraph, url]) => [subgraph, `${url}?maxAge=${maxAgeSeconds}`]);
      return { SWITCHYARD_SUBGRAPH_URLS: JSON.stringify(Object.fromEntries(allowing)) };
    },
  };
}

/** This gateway by settings of its own. */
function packaged(name: string, title: string, settings: string): Contestant {
  return {
    name,
    title,
    needs: inBench('../bin/switchyard.js'),
    args: ({ supergraphFile, port }) => [
      PACKAGED_PROGRAM,
      'serve',
      ...['--supergraph', supergraphFile, '--port', String(port)],
      ...['--config', settings],
    ],
  };
}

/** Everyone who takes part, in the order of their turns; the first is the one that ratios are taken to. */
export const CONTESTANTS: readonly Contestant[] = [
  packaged('switchyard', 'this gateway, nothing remembered', PACKAGED_SETTINGS),
  {
    name: 'apollo-gateway',
    title: '@apollo/server with @apollo/gateway',
    needs: inBench('rivals/node_modules/@apollo/gateway/package.json'),
    args: ({ supergraphFile, port }) => [inBench('rivals/apollo.mjs'), supergraphFile, String(port)],
  },
  hive('hive-gateway', 'Hive Gateway, sharing in flight off', 'rivals/hive.config.mjs', HIVE),
  hive(
    'hive-gateway-rust',
    'Hive Gateway with its Rust planner, sharing in flight off',
    'rivals/hive-rust.config.mjs',
    inBench('rivals/node_modules/@graphql-hive/router-runtime/package.json'),
  ),
  {
    name: 'hand-written',
    title: "a program for this one operation, Apollo's fetches, undici",
    workloads: ['heavy', 'distinct', 'wide', 'small'],
    needs: inBench('hand-written/server-program.ts'),
    args: ({ workload, port }) => [inBench('hand-written/server-program.ts'), workload, String(port)],
    env: ({ urls }) => ({ SUBGRAPH_URLS: JSON.stringify(urls) }),
  },
  {
    name: 'proxy',
    title: 'a bare node:http proxy that forwards the same bytes',
    workloads: ['small'],
    needs: inBench('hand-written/proxy-program.ts'),
    args: ({ urls, port }) => [inBench('hand-written/proxy-program.ts'), String(port), Object.values(urls)[0]!],
  },
  {
    ...enforcing(
      'switchyard-enforce',
      'this gateway going by rules, every request in its SQLite trail before it is answered',
    ),
    workloads: ['heavy', 'distinct'],
  },
  remembering('switchyard-warm', 'this gateway, everything remembered', 3_600, ['heavy', 'wide', 'small']),
  remembering('switchyard-stampede', 'this gateway, everything forgotten every second', 1, ['heavy', 'wide', 'small']),
  remembering('switchyard-cold', 'this gateway, everything remembered and nothing asked for again', 3_600, [
    'distinct',
  ]),
  {
    ...packaged(
      'switchyard-observed',
      'this gateway with metrics, request log, usage of fields and one request in a hundred traced',
      PACKAGED_OBSERVED_SETTINGS,
    ),
    workloads: ['heavy', 'distinct', 'small'],
  },
];

/** Whether all that the contestant is started from is here. */
export function isInstalled({ needs }: Contestant): boolean {
  return existsSync(needs);
}
