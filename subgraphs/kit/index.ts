/** What a department team uses, as `switchyard/subgraph`: any federation gateway can ask what it makes. */
export { runDepartment, serveDepartment } from './subgraph.ts';
export type { AskedRequest, Department, OpenDepartment, RunningSubgraph, ServeOptions } from './subgraph.ts';
export { departmentFrom } from './manifest/manifest-department.ts';
export type { ManifestParts, OpenedParts, SpecialOpening, SpecialParts } from './manifest/manifest-department.ts';
export type { RecordContext } from './manifest/resolvers.ts';
export type { Resolvers } from './sdl-files.ts';
export type { Environment } from './settings.ts';
export { StartError } from './program.ts';
export { checked } from './checked.ts';
export { badInput, checkFirst, systemBadAnswer, systemUnavailable } from './faults.ts';
export { readGatewayKeys } from './gateway-keys.ts';
export type { GatewayKeys } from './gateway-keys.ts';
