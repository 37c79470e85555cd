import { DirectiveLocation, GraphQLDirective, GraphQLSchema, GraphQLString } from 'graphql';
import type { Purpose } from '../caller.ts';

/** Which field of a request's purpose each argument of `@purpose` gives. */
export const PURPOSE_ARGUMENTS = {
  purpose: 'purpose',
  legalBasis: 'legalBasis',
  consent: 'consentReference',
  case: 'caseNumber',
} as const satisfies Record<string, keyof Purpose>;

/** One of the arguments of `@purpose`. */
export type PurposeArgument = keyof typeof PURPOSE_ARGUMENTS;

const DESCRIPTIONS: Readonly<Record<PurposeArgument, string>> = {
  purpose: 'The purpose, such as "tax audit". Header: switchyard-purpose.',
  legalBasis: 'The law that it rests on. Header: switchyard-legal-basis.',
  consent: 'The reference of a consent. Header: switchyard-consent.',
  case: 'The number of a case. Header: switchyard-case.',
};

const PURPOSE_DIRECTIVE = new GraphQLDirective({
  name: 'purpose',
  description: 'Says what a request is for. Departments decide by it what may be seen, and it is recorded.',
  locations: [DirectiveLocation.QUERY, DirectiveLocation.MUTATION],
  args: Object.fromEntries(
    Object.entries(DESCRIPTIONS).map(([name, description]) => [name, { type: GraphQLString, description }]),
  ),
});

/** A schema with `@purpose` for clients. One that departments composed under this name stays theirs. */
export function withPurposeDirective(schema: GraphQLSchema): GraphQLSchema {
  if (schema.getDirective(PURPOSE_DIRECTIVE.name)) return schema;
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, PURPOSE_DIRECTIVE] });
}

/** Whether `@purpose` of a schema is the gateway's own. */
export function hasPurposeDirective(schema: GraphQLSchema): boolean {
  return schema.getDirective(PURPOSE_DIRECTIVE.name) === PURPOSE_DIRECTIVE;
}
