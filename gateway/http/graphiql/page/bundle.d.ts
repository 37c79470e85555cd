/** Where the bundle's worker files lie, relative to the page; put in by `tools/bundle-graphiql.ts`. */
declare const WORKER_FILES: Readonly<Record<'editor' | 'json' | 'graphql', string>>;

/** Monaco asks this for its workers. */
declare var MonacoEnvironment: { getWorker(id: string, label: string): Worker } | undefined;

declare module '*.css';
