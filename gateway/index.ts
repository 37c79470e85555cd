/** The public API of Switchyard. */
export { ConfigError, defineConfig, resolveConfig, type Config, type ConfigInput } from './config/config.ts';
export { ERROR_CATALOGUE, type AnswerError, type ErrorCode } from './errors.ts';
export { createLog, type Log } from './observe/log.ts';
export { startGateway, type RunningGateway } from './start.ts';
export { composeSubgraphs } from './supergraph/compose.ts';
export type { CompositionProblem, CompositionResult, SubgraphSource } from './supergraph/composition.ts';
export { SupergraphError } from './supergraph/load.ts';
