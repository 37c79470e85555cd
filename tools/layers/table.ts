/**
 * Which part of the project may import which: the one place that says so. `npm run check` holds every file to it.
 *
 * A file belongs to the layer with the longest path that fits; `*` in a path stands for one folder, and each such folder
 * is a layer of its own. A file may always import its own layer. Imports of types count like any other.
 */
export interface Layer {
  name: string;
  /** Files and folders (with a closing slash), from the project's root. */
  holds: readonly string[];
  /** The layers it may import; `any` for whatever it likes. */
  imports: readonly string[] | 'any';
  /** The layers of which it may import types, and nothing that runs. */
  typesOf?: readonly string[];
  /** May touch the world: the network, files, databases, other processes. */
  io?: true;
  /** May read `process.*`: in every file, or in those with these names. Left out: in none. */
  readsProcess?: true | readonly string[];
  /** What to do about a forbidden import. */
  instead: string;
}

/** The way a request goes; the folders under gateway/. A stage may import the stages before it and nothing after it. */
const STAGES = ['http', 'operation', 'authorise', 'plan', 'execute', 'project', 'audit'];
/** What several stages use, and what stands behind them. */
const NOUNS = [
  'sql',
  'keys',
  'catalogue',
  'in-process',
  'grants',
  'identity',
  'supergraph',
  'fetch',
  'cache',
  'registry',
  'dispatch',
  'observe',
];
const GATEWAY = [
  'ground',
  ...STAGES,
  'operation program',
  'fetcher port',
  ...NOUNS,
  'gateway',
  'explain',
  'policy',
  'start',
  'command',
];

const EARLIER = 'move what both need into an earlier stage or a noun folder, or let gateway/gateway.ts hand it over';
const HANDED_IN = 'declare the type it needs here, and let gateway/start.ts hand the real one in';
const STANDS_ALONE = 'the gateway runs without the reference deployment: take it as an argument';

/** A stage may import the ground, the stages before it, and `more`. */
function stage(name: string, more: readonly string[], rest: Partial<Layer> = {}): Layer {
  const earlier = STAGES.slice(0, STAGES.indexOf(name));
  const port = earlier.includes('execute') ? ['fetcher port'] : [];
  return {
    name,
    holds: [`gateway/${name}/`],
    imports: ['ground', ...earlier, ...port, ...more],
    instead: EARLIER,
    ...rest,
  };
}

/** A noun folder may import the ground and `more`; all of them are I/O. */
function noun(name: string, more: readonly string[], rest: Partial<Layer> = {}): Layer {
  return { name, holds: [`gateway/${name}/`], imports: ['ground', ...more], io: true, instead: HANDED_IN, ...rest };
}

export const LAYERS: readonly Layer[] = [
  {
    name: 'ground',
    holds: [
      'gateway/config/',
      'gateway/answer-text.ts',
      'gateway/caller.ts',
      'gateway/deadline.ts',
      'gateway/errors.ts',
      'gateway/message.ts',
      'gateway/timeouts.ts',
    ],
    imports: [],
    instead:
      'every stage stands on this file, so it stands on none of them: move the code into the stage that needs it',
  },

  stage('http', [], { io: true }),
  stage('operation', ['supergraph']),
  stage('authorise', ['supergraph']),
  stage('plan', ['supergraph']),
  stage('execute', ['supergraph', 'fetcher port'], {
    instead: `the executor is handed its fetcher and touches no network: ${HANDED_IN}`,
  }),
  stage('project', ['supergraph']),
  stage('audit', ['supergraph', 'operation program', 'in-process', 'keys'], { io: true }),

  {
    name: 'operation program',
    holds: ['gateway/program/'],
    imports: ['ground', 'supergraph', 'operation', 'plan', 'execute', 'fetcher port'],
    instead: `a program is code for execute/ and project/ at once, made before either runs: ${HANDED_IN}`,
  },

  noun('in-process', ['fetcher port']),
  noun('catalogue', ['in-process', 'fetcher port', 'supergraph']),
  noun('sql', []),
  noun('keys', []),
  noun('grants', ['in-process', 'fetcher port', 'sql']),
  noun('identity', []),
  noun('supergraph', []),
  noun('fetch', ['fetcher port']),
  noun('cache', ['fetcher port'], { typesOf: ['supergraph'] }),
  noun('registry', ['supergraph', 'sql', 'keys']),
  noun('dispatch', ['in-process', 'fetcher port', 'sql', 'fetch', 'cache', 'WSDL', 'plain line']),
  noun('observe', ['fetcher port'], {
    typesOf: STAGES,
    instead: 'observers only subscribe: hand over what they are to know by an ObservedRequest',
  }),
  {
    name: 'fetcher port',
    holds: ['gateway/execute/fetcher.ts', 'gateway/execute/response.ts'],
    imports: ['ground'],
    instead: 'this file says what execute/ asks for and fetch/ and cache/ bring, and knows none of them',
  },

  {
    name: 'gateway',
    holds: [
      'gateway/index.ts',
      'gateway/gateway.ts',
      'gateway/gateway-parts.ts',
      'gateway/granted-caller.ts',
      'gateway/known-operations.ts',
      'gateway/request-count.ts',
      'gateway/used-operations.ts',
    ],
    imports: GATEWAY,
    instead: STANDS_ALONE,
  },
  {
    name: 'explain',
    holds: ['gateway/explain/'],
    imports: ['ground', 'supergraph', 'operation', 'plan', 'execute', 'operation program', 'fetcher port', 'gateway'],
    instead: `it watches one request from outside and asks departments through the fetcher it is handed: ${HANDED_IN}`,
  },
  {
    name: 'policy',
    holds: ['gateway/policy/'],
    imports: ['ground', 'supergraph', 'operation', 'authorise'],
    instead: `it says what rules come to, whoever asks, and reads no files: ${HANDED_IN}`,
  },
  {
    name: 'Apollo Server',
    holds: ['gateway/apollo/'],
    imports: [...STAGES, 'ground', 'fetcher port', 'supergraph', 'fetch', 'gateway'],
    io: true,
    instead: STANDS_ALONE,
  },
  {
    name: 'start',
    holds: [
      'start.ts',
      'start-registry.ts',
      'serving/',
      'rule-files.ts',
      'rule-watch.ts',
      'registry-rules.ts',
      'registry-thread.ts',
      'in-process-departments.ts',
    ].map((file) => `gateway/${file}`),
    imports: GATEWAY,
    io: true,
    instead: STANDS_ALONE,
  },
  {
    name: 'dev',
    holds: ['gateway/dev/'],
    imports: [...GATEWAY.filter((name) => name !== 'command'), 'subgraph kit', 'program'],
    io: true,
    instead: 'it serves departments and a gateway in one process, and is told of both: take it as an argument',
  },
  {
    name: 'command',
    holds: ['gateway/main.ts', 'gateway/cli/', 'bin/'],
    imports: [...GATEWAY, 'dev', 'subgraph kit', 'program', 'plain line'],
    io: true,
    readsProcess: true,
    instead: STANDS_ALONE,
  },
  {
    name: 'GraphiQL page',
    holds: ['gateway/http/graphiql/page/'],
    imports: [],
    instead: 'the page runs in the browser: let it fetch what it needs from the gateway',
  },

  {
    name: 'program',
    holds: ['subgraphs/kit/program.ts'],
    imports: [],
    io: true,
    readsProcess: true,
    instead: 'every program of the network is started by this file: let it stand alone',
  },
  {
    name: 'plain line',
    holds: ['subgraphs/kit/plain-line.ts'],
    imports: [],
    instead: 'the kit, receivers of dispatch and the command write with it what others wrote: let it stand alone',
  },
  {
    name: 'WSDL',
    holds: [
      ...['wsdl-document.ts', 'xsd-types.ts', 'xml-tree.ts', 'service-document.ts', 'json-values.ts'].map(
        (file) => `subgraphs/kit/sources/${file}`,
      ),
      'subgraphs/kit/manifest/strict-object.ts',
    ],
    imports: ['program'],
    instead: 'sources of the kit and receivers of dispatch read WSDLs by it: let them hand in what it needs',
  },
  {
    name: 'subgraph kit',
    holds: ['subgraphs/kit/'],
    imports: ['program', 'WSDL', 'plain line'],
    io: true,
    readsProcess: true,
    instead: 'every department stands on the kit: let the department hand it in',
  },
  {
    name: 'subgraph',
    holds: ['subgraphs/*/'],
    imports: ['subgraph kit', 'program'],
    io: true,
    readsProcess: ['main.ts'],
    instead: 'a department knows the others by the wire alone: ask over it, or move what is shared into subgraphs/kit/',
  },
  {
    name: 'city records',
    holds: ['systems/city/'],
    imports: [],
    io: true,
    instead: 'every city system stands on these records: keep them free of any one system',
  },
  {
    name: 'system kit',
    holds: ['systems/kit/'],
    imports: ['program'],
    io: true,
    instead: 'every system stands on the kit: let the system hand it in',
  },
  {
    name: 'system',
    holds: ['systems/*/'],
    imports: ['program', 'system kit', 'city records'],
    io: true,
    readsProcess: ['main.ts'],
    instead:
      'a system stood alone before Switchyard: it uses its own folder, systems/kit/, systems/city/ and kit/program.ts',
  },
  {
    name: 'schema',
    holds: ['schema/'],
    imports: [],
    io: true,
    instead: 'the schema knows no program: let the program read the schema',
  },

  { name: 'network', holds: ['network/'], imports: 'any', io: true, readsProcess: true, instead: '' },
  {
    name: 'workshop',
    holds: ['tools/', 'test/', 'bench/', 'vitest.config.ts', 'switchyard.config.ts'],
    imports: 'any',
    io: true,
    readsProcess: true,
    instead: '',
  },
];

/** What touches the world, with whatever lies under it (`node:fs/promises`). */
export const IO_MODULES: readonly string[] = [
  ...['net', 'http', 'https', 'http2', 'tls', 'dgram', 'dns', 'fs', 'child_process', 'sqlite', 'cluster'],
  ...['undici', 'ioredis', 'fastify', '@fastify', 'pg', 'mysql2', 'kysely'],
];

/** The files that may do nothing but export what other files hold: what the package's users import. */
export const BARRELS: readonly string[] = ['gateway/index.ts', 'subgraphs/kit/index.ts'];

/** Packages that only one folder of the gateway may import. */
export const CONFINED_PACKAGES: readonly { package: string; within: string; onlyIn: string; instead: string }[] = [
  {
    package: '@apollo/gateway',
    within: 'gateway/',
    onlyIn: 'gateway/apollo/',
    instead:
      'compose, plan and execute with our own stages; what is for users of Apollo Server belongs into gateway/apollo/',
  },
];

/** Where the sources lie that the rules are for. */
export const SOURCES = '{*.ts,{bin,gateway,subgraphs,systems,schema,network,tools,test,bench}/**/*.{ts,tsx,js,mjs}}';
/** What lies among the sources and is none: made by a tool. */
export const NOT_SOURCES: readonly string[] = ['gateway/http/graphiql/dist/**', '**/node_modules/**', '**/dist/**'];
