import { serveTrail, type TrailDepartmentOptions } from './audit/reading/department.ts';
import { serveCatalogue, type CatalogueOptions } from './catalogue/department.ts';
import { CATALOGUE_URL } from './catalogue/sdl.ts';
import { TRAIL_URL } from './audit/reading/sdl.ts';
import { ConfigError, type Config } from './config/config.ts';
import type { Fetcher } from './execute/fetcher.ts';
import { serveDispatches, type DispatchDepartmentOptions } from './dispatch/department.ts';
import { DISPATCH_URL } from './dispatch/sdl.ts';
import { isInProcess } from './fetch/transports.ts';
import { serveGrants } from './grants/department.ts';
import type { Grants } from './grants/grants.ts';
import { GRANTS_URL } from './grants/sdl.ts';
import type { AccessConditions } from './supergraph/access-conditions.ts';
import type { ServedSupergraph } from './supergraph/load.ts';

const IN_PROCESS_URLS = [TRAIL_URL, GRANTS_URL, DISPATCH_URL, CATALOGUE_URL];

/**
 * The departments of a supergraph that are served in this process, by name: those whose address there is `switchyard:` and what they
 * are.
 *
 * @throws ConfigError where there is no such department
 */
export function openInProcess(
  supergraph: ServedSupergraph,
  { subgraphs, authorisation, audit: { subjectClaims } }: Pick<Config, 'subgraphs' | 'authorisation' | 'audit'>,
  parts: Pick<TrailDepartmentOptions, 'trail'> &
    Omit<CatalogueOptions, 'supergraph'> & { grants: Grants | undefined } & Pick<
      DispatchDepartmentOptions,
      'dispatches'
    >,
): ReadonlyMap<string, Fetcher> {
  const { routingUrls, access } = supergraph;
  const isGuarded = authorisation.rules !== undefined && authorisation.mode === 'enforce';
  const here = [...routingUrls].filter(([name, routingUrl]) => isInProcess(routingUrl, subgraphs[name]));
  return new Map(
    here.map(([name, routingUrl]) => {
      switch (routingUrl) {
        case TRAIL_URL:
          return [name, serveTrail({ ...parts, isGuarded, subjectClaims, isOf: isFieldOf(access) })];
        case GRANTS_URL:
          return [name, serveGrants({ ...parts, isGuarded })];
        case DISPATCH_URL:
          return [name, serveDispatches({ ...parts, isGuarded })];
        case CATALOGUE_URL:
          return [name, serveCatalogue({ ...parts, supergraph })];
        default:
          throw new ConfigError(
            `Subgraph ${name} cannot be served at "${routingUrl}": there are only ${IN_PROCESS_URLS.join(', ')}.`,
          );
      }
    }),
  );
}

/** Whether the trail is part of a supergraph. */
export function hasTrail({ routingUrls }: Pick<ServedSupergraph, 'routingUrls'>): boolean {
  return [...routingUrls.values()].includes(TRAIL_URL);
}

/** Says whether a department gives a field, or what it is computed of. */
function isFieldOf({ conditions, byField }: AccessConditions): TrailDepartmentOptions['isOf'] {
  return (department, coordinate) =>
    (byField.get(coordinate) ?? []).some((number) => {
      const condition = conditions[number]!;
      if (condition.kind === 'class') return condition.department === department;
      return condition.kind === 'unclassified' && condition.departments.includes(department);
    });
}

/** Asks departments in this process where they are, and the others by a fetcher. */
export function askInProcess(departments: ReadonlyMap<string, Fetcher>, others: Fetcher): Fetcher {
  if (departments.size === 0) return others;
  return (request, deadline) => (departments.get(request.template.service) ?? others)(request, deadline);
}
