/** Where a supergraph says that its catalogue is: in the gateway itself. */
export const CATALOGUE_URL = 'switchyard:catalogue';

/** What the gateway publishes of the graph itself as a department of the graph. */
export const CATALOGUE_SDL = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")

  type Query {
    "What the graph holds: to be searched, and looked up."
    catalogue: Catalogue
  }

  type Catalogue {
    "What has to do with some words, in whatever language it is described; the nearest first."
    search(
      text: String!
      "How many at most, 1 to 100."
      first: Int = 20
      "Only such. Default: all."
      kinds: [CatalogueKind!]
    ): [CatalogueEntry!]!
    "Every department, by name."
    departments: [CatalogueEntry!]!
    "An entry by its kind and its name, such as FIELD and \`Enterprise.name\`."
    entry(kind: CatalogueKind!, name: String!): CatalogueEntry
    "Why something is missing that would be here, such as a department that does not tell of its indicators."
    gaps: [String!]!
  }

  enum CatalogueKind {
    DEPARTMENT
    TYPE
    FIELD
    INDICATOR
  }

  "A department, a type, a field or an indicator."
  type CatalogueEntry {
    kind: CatalogueKind!
    "A department's or a type's name, \`Type.field\`, or an indicator's code."
    name: String!
    "What it is called where that is not its name."
    title: String
    description: String
    "Who gives it: names of subgraphs."
    departments: [String!]!
    "Under which terms it may be used on, as its departments say."
    licences: [String!]!
    "Whom to ask of a department, as it says itself."
    contact: String
    "What records of a type are looked up by, and departments joined by."
    keys: [String!]!
    "What a field gives, such as \`[Filing!]!\`."
    type: String
    "What an indicator is counted in."
    unit: String
    "For how many seconds an answer may be given again, as its department says; null where it says nothing."
    maxAgeSeconds: Int
    "Why it should not be asked for any more."
    deprecationReason: String
    "Whom it is kept from, as departments class it."
    accessClasses: [String!]!
    "In how many requests it was asked for since this gateway started, up to 30 days back; null where that is not counted."
    requests: Int
    "Whether whoever asks may see a field, and by which rule; null for all else."
    access: CatalogueAccess
  }

  "What is decided about a field for whoever asks."
  type CatalogueAccess {
    "ALLOW, MASK, AGGREGATE, NEEDS_CONSENT or DENY."
    outcome: String!
    rule: String
    text: String
    "Whose rule it is: whom to ask."
    department: String
    "What the rule says that is needed."
    needs: String
    "Whether it is otherwise for some records, such as one's own."
    dependsOnRecord: Boolean!
  }
`;
