/** Where a supergraph says that the trail is: in the gateway itself. */
export const TRAIL_URL = 'switchyard:trail';

/** What the trail publishes as a department of the graph; `switchyard audit schema` prints it. */
export const TRAIL_SDL = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")

  directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE

  type Query {
    "The gateway's trail: who asked for what, what for, and what became of it. Reading it is recorded in it."
    trail: Trail
  }

  "What of the trail there is to read: each field another part of it, under a rule of its own."
  type Trail {
    "Records about those whom the caller is or acts for, but for what is hidden from them until later."
    aboutMe(
      "How many at most, 1 to 1000."
      first: Int = 20
      "The \`endCursor\` after which to go on."
      after: String
      "How many to leave out at the beginning, up to 10000."
      offset: Int = 0
      "From this time on, ISO 8601."
      since: String
      "Up to this time, ISO 8601."
      until: String
      "Only records about this one of them: \`Enterprise:91990104MA95YFB981\`, or the key alone."
      subject: String
      "Only records of these gateways, by what they call themselves."
      logSourceSystems: [String!]
    ): TrailPage @access(class: "subject")
    "What the caller did."
    ownActs(
      "How many at most, 1 to 1000."
      first: Int = 20
      "The \`endCursor\` after which to go on."
      after: String
      "From this time on, ISO 8601."
      since: String
      "Up to this time, ISO 8601."
      until: String
      "Only parts of this whole: what was sent as \`switchyard-query-group\`."
      queryGroupId: ID
    ): TrailPage @access(class: "own-acts")
    "Every request for which the caller's department was asked for data."
    ofDepartment(
      "How many at most, 1 to 1000."
      first: Int = 20
      "The \`endCursor\` after which to go on."
      after: String
      "From this time on, ISO 8601."
      since: String
      "Up to this time, ISO 8601."
      until: String
      "Only parts of this whole: what was sent as \`switchyard-query-group\`."
      queryGroupId: ID
    ): TrailPage @access(class: "department")
    "Every record, or every one about a subject, of a person, of what a department was asked, or of one whole; hidden or not."
    everything(
      "How many at most, 1 to 1000."
      first: Int = 20
      "The \`endCursor\` after which to go on."
      after: String
      "From this time on, ISO 8601."
      since: String
      "Up to this time, ISO 8601."
      until: String
      "Whom it is about, such as \`Enterprise:91990104MA95YFB981\`."
      subject: String
      "Whose act it was, by the name that the issuer has for them."
      person: String
      "Who was asked."
      department: String
      "Only parts of this whole: what was sent as \`switchyard-query-group\`."
      queryGroupId: ID
    ): TrailPage @access(class: "everything")
  }

  "A part of the trail, the newest record first."
  type TrailPage {
    records: [TrailRecord!]!
    hasMore: Boolean!
    "What to give as \`after\` for the next page; null where there is no record."
    endCursor: String
    "How many there are on all pages; null where there are more than 10000."
    total: Int
  }

  "One request to the gateway. Names that Estonia's Data Tracker has are used as there. There are no values in it."
  type TrailRecord {
    "The chain that the record stands in, and its place there."
    chain: String!
    seq: Int!
    "When the request came: ISO 8601, UTC."
    logTime: String!
    outcome: TrailOutcome!
    queryId: ID!
    "The whole of which the request was a part."
    queryGroupId: String
    "Which gateway wrote it."
    logSourceSystem: String!
    "Who asked; null for nobody in particular."
    initiatorPerson: String
    initiatorOrg: String
    "The department that the initiator acted for."
    initiatorDepartment: String
    roles: [String!]!
    purpose: String
    legalBasis: String
    consentReference: String
    caseNumber: String
    "The grants that something was given by."
    grants: [ID!]!
    "Until when the record was kept from those it is about: ISO 8601, UTC."
    hiddenUntil: String
    hiddenReason: String
    operationName: String
    operationHash: String!
    "SHA-256 of the rules that decided."
    policiesHash: String
    "Ids of the rules by which something was given."
    rules: [String!]!
    "What was given, such as \`Enterprise.name\`."
    fields: [String!]!
    refused: [TrailRefusal!]!
    "What departments were asked for it."
    fetches: [TrailFetch!]!
    errorCodes: [String!]!
    durationMs: Float!
    "What was delivered, where the record is of a delivery; what was asked for it has records of its own, with its queryGroupId."
    dispatch: TrailDispatch
  }

  "A part of a dispatch's run as it was delivered, or the end of a run of which nothing was."
  type TrailDispatch {
    id: ID!
    name: String!
    run: Int!
    recipient: String!
    "Where it went."
    receiver: String!
    "Which of how many; null where nothing was delivered."
    part: Int
    parts: Int
    idempotencyKey: String
    "SHA-256 of the delivery as canonical JSON."
    contentDigest: String
    rows: Int!
    removed: Int!
    receipt: TrailReceipt
    "How the run stood."
    state: String!
    "Why nothing was delivered, and by which rule."
    reason: String
  }

  "What a receiver answered."
  type TrailReceipt {
    receiver: String!
    digest: String!
    takenAt: String!
    "The receiver's; null where it has no key."
    signature: String
  }

  enum TrailOutcome {
    ANSWERED
    REFUSED
    FAILED
  }

  "A field that was not given as it is, and by which rule."
  type TrailRefusal {
    coordinate: String!
    outcome: String!
    rule: String!
    "Whether the rules were only being tried: the field was given, and would not have been."
    isReported: Boolean!
  }

  "What one department was asked."
  type TrailFetch {
    department: String!
    requestDigest: String!
    responseDigest: String
    durationMs: Float!
    rows: Int!
    "How many of these were remembered from an earlier request, and not asked for."
    remembered: Int!
    httpStatus: Int
    "As of when the source says its data are."
    asOf: String
    "The code of what went wrong."
    error: String
  }
`;
