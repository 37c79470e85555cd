import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { DEMO_KEYS_FILE } from './demo-issuer.ts';
import { makeDemoSigning, type DemoSigning } from './demo-signing.ts';
import { economiesEnvironment, economiesUrls } from './economies.ts';
import type { NetworkSettings } from './settings.ts';
import { MINISTRIES_PORT } from '../subgraphs/ministries/paths.ts';

/** Something of the network that has to be there before something else: a program, or data made for it. */
export type PartName =
  | 'postgres'
  | StoreName
  | 'supergraph'
  | 'aviation-system'
  | 'tax-system'
  | 'social-security-system'
  | 'credit-registry-system'
  | SubgraphName
  | 'customs'
  | 'ministries'
  | 'gateway';

/** What a department's own system keeps, made by its seed. */
export type StoreName = (typeof storeNames)[number];
export const storeNames = [
  'territory-data',
  'municipal-data',
  'market-data',
  'tax-data',
  'social-security-data',
  'power-data',
  'identity-data',
  'courts-data',
  'public-security-data',
  'city-operations-data',
  'planning-data',
  'fire-data',
  'customs-data',
  'credit-registry-data',
] as const;

/** A subgraph that is always there. */
export type SubgraphName = (typeof subgraphNames)[number];
export const subgraphNames = [
  'territory',
  'aviation',
  'municipal',
  'labour',
  'market',
  'identity',
  'tax',
  'social-security',
  'power',
  'courts',
  'public-security',
  'city-operations',
  'planning',
  'fire',
  'credit-registry',
  'analysis',
  'claims',
] as const;

/** What the parts that stand say of themselves: where a program answers. */
export type Addresses = (name: PartName) => string;

/** A program of the network. */
export interface Part {
  name: PartName;
  /** How people call it. */
  says: string;
  /** Relative to the project, with its arguments. */
  args: readonly string[];
  /** Where it listens unless every port is free. */
  port: number;
  /** What must stand before it is started. */
  needs: readonly PartName[];
  /** Stopped in order: 1 first, each stage after the one before it. */
  stopStage: 1 | 2 | 3;
  /** Its settings, given what stands. */
  env(addresses: Addresses): Record<string, string>;
}

/** Parts that this network does without, and why. */
export function leftOut({ streamsUrl }: NetworkSettings): { name: PartName; says: string; reason: string }[] {
  if (streamsUrl !== undefined) return [];
  return [
    { name: 'customs', says: 'customs subgraph', reason: 'its messages need a Redis: set REDIS_URL, or --redis' },
  ];
}

/** Every program but PostgreSQL, in the order people expect to read. */
export function listParts(settings: NetworkSettings, data: DataFolder): Part[] {
  const economies = settings.all ? [ministries()] : [];
  const { streamsUrl } = settings;
  const streams = streamsUrl === undefined ? [] : [customs(streamsUrl)];
  return [...legacySystems(data), ...departments(settings, data), ...streams, ...economies, gateway(settings, data)];
}

function legacySystems(data: DataFolder): Part[] {
  const system = (name: PartName, port: number, needs: readonly PartName[], env: Record<string, string>): Part => ({
    name,
    says: `${name.replace('-system', '').replace('-', ' ')} system`,
    args: [`systems/${name.replace('-system', '')}/main.ts`],
    port,
    needs,
    stopStage: 3,
    env: () => env,
  });
  return [
    system('aviation-system', 4202, [], {}),
    system('tax-system', 4207, ['tax-data'], { TAX_DATABASE_FILE: data.taxFile }),
    system('social-security-system', 4208, ['social-security-data'], {
      SOCIAL_SECURITY_DATABASE_FILE: data.socialSecurityFile,
    }),
    system('credit-registry-system', 4216, ['credit-registry-data'], {
      CREDIT_REGISTRY_DATABASE_FILE: data.creditRegistryFile,
    }),
  ];
}

function departments({ mariadbUrl }: Pick<NetworkSettings, 'mariadbUrl'>, data: DataFolder): Part[] {
  const department = (
    name: SubgraphName,
    port: number,
    needs: readonly PartName[],
    env: (addresses: Addresses) => Record<string, string> = () => ({}),
  ): Part => ({
    name,
    says: `${name.replace('-', ' ')} subgraph`,
    args: [`subgraphs/${name}/main.ts`],
    port,
    needs,
    stopStage: 2,
    env,
  });
  const database = (addresses: Addresses): Record<string, string> => ({ DATABASE_URL: addresses('postgres') });
  return [
    department('territory', 4101, ['postgres', 'territory-data'], database),
    department('aviation', 4102, ['aviation-system'], (at) => ({ AVIATION_URL: at('aviation-system') })),
    department('municipal', 4103, ['municipal-data'], () => ({ MUNICIPAL_DATABASE_FILE: data.municipalFile })),
    department('labour', 4104, []),
    department('market', 4105, ['postgres', 'market-data'], database),
    department('identity', 4106, ['identity-data'], () => ({ IDENTITY_DATABASE_FILE: data.identityFile })),
    department('tax', 4107, ['tax-system'], (at) => ({ TAX_WSDL_URL: at('tax-system') })),
    department('social-security', 4108, ['social-security-system'], (at) => ({
      SOCIAL_SECURITY_URL: at('social-security-system'),
    })),
    department('power', 4109, ['power-data'], () => ({ POWER_DROP_DIR: data.powerDrop })),
    department('courts', 4110, ['courts-data'], () => ({ COURTS_CASE_DIR: data.courtCases })),
    department('public-security', 4111, ['postgres', 'public-security-data'], database),
    department('city-operations', 4112, ['city-operations-data'], () => ({
      CITY_OPERATIONS_DATABASE_FILE: data.cityOperationsFile,
      CITY_OPERATIONS_ACTIONS_FILE: data.actionsFile,
      ...receivingBy(makeDemoSigning(data.signing)),
    })),
    department('planning', 4113, ['planning-data'], () => ({
      PLANNING_DATABASE_FILE: data.planningFile,
      MARIADB_URL: mariadbUrl ?? '',
    })),
    department('fire', 4114, ['fire-data'], () => ({ FIRE_DROP_DIR: data.fireDrop })),
    department('credit-registry', 4116, ['credit-registry-system'], (at) => ({
      CREDIT_REGISTRY_URL: at('credit-registry-system'),
    })),
    department('analysis', 4117, ['postgres'], database),
    department('claims', 4118, []),
  ];
}

function customs(streamsUrl: string): Part {
  return {
    name: 'customs',
    says: 'customs subgraph',
    args: ['subgraphs/customs/main.ts'],
    port: 4115,
    needs: ['customs-data'],
    stopStage: 2,
    env: () => ({ CUSTOMS_REDIS_URL: streamsUrl }),
  };
}

function receivingBy({ gatewayKeysFile, receiptKeyFile }: DemoSigning): Record<string, string> {
  return { GATEWAY_KEYS: gatewayKeysFile, CITY_OPERATIONS_RECEIPT_KEY: receiptKeyFile };
}

function signingBy({ keyFile, receiptPublicKeyFile }: DemoSigning): Record<string, string> {
  return { DEMO_SIGNING_KEY: keyFile, DEMO_RECEIPT_KEY: receiptPublicKeyFile };
}

/** Where it answers on its own port, which the gateway does not wait for. */
const CITY_OPERATIONS_URL = 'http://127.0.0.1:4112';

/** Where nobody answers: a department that is not started is a gap, and not another network's. */
const NOWHERE = 'http://127.0.0.1:9/graphql';

/** One program for all departments of indicators: each by itself would be a process that holds the same data. */
function ministries(): Part {
  return {
    name: 'ministries',
    says: 'ministries of the economies',
    args: ['subgraphs/ministries/main.ts'],
    port: MINISTRIES_PORT,
    needs: [],
    stopStage: 2,
    env: () => ({}),
  };
}

function gateway(settings: NetworkSettings, data: DataFolder): Part {
  const hasCustoms = settings.streamsUrl !== undefined;
  const asked: PartName[] = [
    ...subgraphNames,
    ...(hasCustoms ? (['customs'] as const) : []),
    ...(settings.all ? (['ministries'] as const) : []),
  ];
  return {
    name: 'gateway',
    says: 'gateway',
    args: ['bin/switchyard.js', 'serve', '--supergraph', data.supergraph],
    port: settings.gatewayPort,
    // On their own ports the departments are where the supergraph says, and the gateway need not wait for them.
    needs: settings.freePorts ? ['postgres', 'supergraph', ...asked] : ['postgres', 'supergraph'],
    stopStage: 1,
    env: (addresses) => ({
      DEMO_ISSUER_KEYS: join(data.callers, DEMO_KEYS_FILE),
      DEMO_TRAIL_FOLDER: data.trail,
      DEMO_GRANTS_FILE: data.grantsFile,
      DEMO_DISPATCH_FOLDER: data.dispatch,
      DEMO_WORK_LIST_URL: addresses('postgres'),
      ...signingBy(makeDemoSigning(data.signing)),
      DEMO_FINDINGS_URL: new URL('/deliveries', addresses('city-operations') || CITY_OPERATIONS_URL).href,
      DEMO_ANALYSIS_DATABASE_URL: addresses('postgres'),
      ...(settings.all && economiesEnvironment(data)),
      ...(settings.redisUrl !== undefined && { REDIS_URL: settings.redisUrl }),
      ...(settings.freePorts && {
        SWITCHYARD_SUBGRAPH_URLS: JSON.stringify({
          ...Object.fromEntries(subgraphNames.map((name) => [name, addresses(name)])),
          customs: hasCustoms ? addresses('customs') : NOWHERE,
          ...(settings.all && economiesUrls(addresses('ministries'))),
        }),
      }),
    }),
  };
}
