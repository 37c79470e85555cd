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
  REQUIRES_INVALID_FIELDS: 'The @requires names a field that the type does not have here: declare it with @external.',
  PROVIDES_INVALID_FIELDS:
    'The @provides names a field that the returned type does not have here: declare it with @external.',
  OVERRIDE_FROM_SELF_ERROR: 'A subgraph cannot override itself: name the subgraph that the field moves away from.',
  ENUM_VALUE_MISMATCH: 'The enum is used for input and output: give it the same values in every subgraph.',
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH:
    'Add the required argument in the other subgraphs too, or give it a default.',
  UNKNOWN_FEDERATION_LINK_VERSION: 'Use a federation version up to v2.12 in the @link.',
  REFERENCED_INACCESSIBLE: 'A visible element uses a hidden one: hide both or neither.',
  EMPTY_MERGED_INPUT_TYPE: 'The input type has no field that all subgraphs share: give it one.',
};

/** What to change for an error of this code. */
export function adviceFor(code: string): string {
  return ADVICE[code] ?? 'Change the definitions at these places so that they agree, then compose again.';
}
