import type { GatewayCachePolicy } from '@apollo/server-gateway-interface';

/**
 * Lets a subgraph's `cache-control` header shorten how long the whole answer may be kept, as RemoteGraphQLDataSource does:
 * one that names no `max-age` may not be kept at all.
 */
export function restrictCachePolicy(policy: GatewayCachePolicy | undefined, cacheControl = ''): void {
  const directives = cacheControl.split(',').map((directive) => directive.trim().toLowerCase());
  const maxAges = directives.map((directive) => /^max-age="?(\d+)"?$/.exec(directive)?.[1]).filter((age) => age);
  const scope = directives.includes('private') ? 'PRIVATE' : directives.includes('public') ? 'PUBLIC' : undefined;
  policy?.restrict({ maxAge: Number(maxAges[0] ?? 0), ...(scope && { scope }) });
}
