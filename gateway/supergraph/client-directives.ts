import type { Schema } from '@apollo/federation-internals';
import { Kind, parse, print, visit } from 'graphql';

const APOLLO = 'https://specs.apollo.dev/';

/**
 * URLs of linked features that bring directives for operations. Apollo's packages leave all that belongs to a feature out
 * of the schema that clients see, so that nobody could use a directive that departments composed for clients to use. A
 * feature with a purpose stays linked: it has to be known, or the supergraph is refused.
 */
export function featuresForClients(schema: Schema): ReadonlySet<string> {
  const directives = schema.allDirectives().filter((directive) => directive.hasExecutableLocations());
  const features = directives.flatMap((directive) => schema.coreFeatures?.sourceFeature(directive)?.feature ?? []);
  const foreign = features.filter(({ url, purpose }) => !purpose && !url.identity.startsWith(APOLLO));
  return new Set(foreign.map(({ directive }) => String(directive.arguments()['url'])));
}

/** A supergraph's SDL without its `@link`s to certain URLs. */
export function withoutLinks(sdl: string, urls: ReadonlySet<string>): string {
  const document = visit(parse(sdl, { noLocation: true }), {
    Directive({ name, arguments: given = [] }) {
      const isUnlinked = given.some(
        ({ name: argument, value }) => argument.value === 'url' && value.kind === Kind.STRING && urls.has(value.value),
      );
      return name.value === 'link' && isUnlinked ? null : undefined;
    },
  });
  return print(document);
}
