/**
 * What to change for each of Apollo's composition errors, for a person who did not write the schema.
 * @see https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
 */
const ADVICE: Readonly<Record<string, string>> = {
  INVALID_GRAPHQL: 'Mend the syntax or the definition at this place.',
  NO_QUERIES: 'Give at least one subgraph a field on type Query.',
  FIELD_TYPE_MISMATCH: 'Give the field the same type in every subgraph that defines it, or rename one of them.',
  FIELD_ARGUMENT_TYPE_MISMATCH: 'Give the argument the same type in every subgraph that defines it.',
  FIELD_ARGUMENT_DEFAULT_MISMATCH: 'Give the argument the same default value in every subgraph that defines it.',
  TYPE_KIND_MISMATCH: 'One name is two kinds of type: rename the type in one of the subgraphs.',
  INVALID_FIELD_SHARING:
    'Mark the field @shareable in every subgraph that resolves it with the same value, mark it @external where it only reads it, or rename one.',
  SATISFIABILITY_ERROR:
    'A client could ask for this field and no department could be asked for it: give the type a @key that the subgraph before it can supply, or make the field @shareable there.',
  KEY_INVALID_FIELDS:
    'The @key names a field that the type does not have here, or that cannot be a key: correct its `fields`.',
  KEY_FIELDS_SELECT_INVALID_TYPE: 'A key cannot hold lists, unions or interfaces: use plain fields.',
  EXTERNAL_MISSING_ON_BASE: 'No other subgraph defines this @external field: define it there or drop it here.',
  EXTERNAL_UNUSED: 'The @external field is used by no @key, @requires or @provides: drop @external or the field.',
  REQUIRES_INVALID_FIELDS:
    'The @requires names a field that the type does not have here: correct its name, or declare the field here with @external.',
  PROVIDES_INVALID_FIELDS:
    'The @provides names a field that the returned type does not have here: correct its name, or declare the field here with @external.',
  OVERRIDE_FROM_SELF_ERROR: 'A subgraph cannot override itself: name the subgraph that the field moves away from.',
  ENUM_VALUE_MISMATCH: 'The enum is used for input and output: give it the same values in every subgraph.',
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH:
    'Add the required argument in the other subgraphs too, or give it a default.',
  REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH:
    'Add the field to the input type in the other subgraphs too, or make it nullable (or give it a default) where it is required.',
  UNKNOWN_FEDERATION_LINK_VERSION: 'Use a federation version up to v2.12 in the @link.',
  REFERENCED_INACCESSIBLE: 'A visible element uses a hidden one: hide both or neither.',
  EMPTY_MERGED_INPUT_TYPE: 'The input type has no field that all subgraphs share: give it one.',
};

/** Errors that Apollo's words do not tell apart, or that they tell in words of its own; `$1` is what the pattern found. */
const PLAINER: readonly (readonly [code: string, pattern: RegExp, words: { message?: string; advice?: string }])[] = [
  [
    'INVALID_FIELD_SHARING',
    /Non-shareable field "(.+?)" .*has an @override directive in "(.+?)" that targets an unknown subgraph.*/,
    {
      message:
        '$1 is given by several departments; @override in $2 is to take it over, and names a department that there is not.',
      advice: 'Correct the name in @override(from:). There are: $names.',
    },
  ],
  [
    'INVALID_FIELD_SHARING',
    /Non-shareable field "(.+?)" is resolved from multiple subgraphs: it is resolved from subgraphs (.+) and defined as non-shareable in (.+)/,
    {
      message:
        '$1 is given by $2, and one department alone may give it unless each of them marks it @shareable: that is missing in $3.',
    },
  ],
  [
    'ENUM_VALUE_MISMATCH',
    /Enum type "(.+?)" is used as both input type .*: "(.+?)" is defined in (.+) but not in (.+)/,
    { message: 'Enum $1 is filled in and answered, and its value $2 is known to $3 but not to $4.' },
  ],
  [
    'INVALID_GRAPHQL',
    /(.*Unknown directive "@(\w+)".*)/,
    {
      advice:
        'Correct its name; or import it, where it is federation\u2019s: @link(\u2026, import: ["@$2"]); or define it.',
    },
  ],
  [
    'INVALID_GRAPHQL',
    /(.*Unknown type "?(\w+)"?.*)/,
    {
      advice:
        'Correct its name, or define it; what is another department\u2019s is named by its key: type $2 @key(fields: "id", resolvable: false) { id: ID! }.',
    },
  ],
];

/**
 * What Apollo says of an error, as far as possible in words of who did not write the schema, and what to change.
 * @param names the departments that there are
 */
export function sayPlainly(code: string, text: string, names: readonly string[]): { message: string; advice: string } {
  const usual = ADVICE[code] ?? 'Change the definitions at these places so that they agree, then compose again.';
  const plainer = PLAINER.find(([of, pattern]) => of === code && pattern.test(text));
  if (!plainer) return { message: text, advice: usual };
  const [, pattern, { message, advice }] = plainer;
  const said = (words: string): string =>
    text
      .replace(pattern, words)
      .replaceAll(/subgraphs? "|"/g, '')
      .replace('$names', names.join(', '));
  return {
    message: message === undefined ? text : said(message),
    advice: advice === undefined ? usual : text.replace(pattern, advice).replace('$names', names.join(', ')),
  };
}
