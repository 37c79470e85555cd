// The same with its planner in Rust. Imported here, so that a planner that cannot be loaded stops it instead of being replaced.
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { gatewayConfig as plain } from './hive.config.mjs';

export const gatewayConfig = { ...plain, unifiedGraphHandler };
