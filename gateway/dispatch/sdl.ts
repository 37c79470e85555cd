/** Where a supergraph says that dispatches are: in the gateway itself. */
export const DISPATCH_URL = 'switchyard:dispatch';

/** What the gateway publishes of dispatches as a department of the graph. */
export const DISPATCH_SDL = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")

  directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE

  type Query {
    "Saved operations that are run by schedule or on change, and whose results are delivered."
    dispatches: Dispatches
  }

  type Mutation {
    "Makes a dispatch to a recipient of the caller's department. It is to be previewed, and then activated."
    createDispatch(dispatch: DispatchInput!): Dispatch @access(class: "officer")
    "Makes it another one, that is to be previewed anew. What was not delivered yet of a run that is tried again is given up."
    changeDispatch(id: ID!, dispatch: DispatchInput!): Dispatch @access(class: "officer")
    "Asks as the recipient does, and delivers nothing."
    previewDispatch(id: ID!): DispatchPreview @access(class: "officer")
    "It runs by its trigger from now on."
    activateDispatch(id: ID!): Dispatch @access(class: "officer")
    "It runs no more until it is resumed. A run under way is carried out."
    pauseDispatch(id: ID!): Dispatch @access(class: "officer")
    resumeDispatch(id: ID!): Dispatch @access(class: "officer")
    "Begins a run now, or once the one under way is over. One that waits to be tried again is tried now."
    runDispatchNow(id: ID!): Dispatch @access(class: "officer")
    "Delivers a run again: of the newest, where it is dead, what it kept; of another all there is now, as a new run."
    replayDispatchRun(id: ID!, run: Int!): Dispatch @access(class: "officer")
    "Gives up what a dead run kept, or a run that waits to be tried again."
    discardDispatchRun(id: ID!, run: Int!): Dispatch @access(class: "officer")
    "Removes it with its runs. What happened stays in the trail and in the events."
    deleteDispatch(id: ID!): Dispatch @access(class: "officer")
  }

  "Which dispatches there are to see: each field others, under a rule of its own."
  type Dispatches {
    "Those that the caller made, by name, at most 1000."
    mine: [Dispatch!] @access(class: "mine")
    "Those to recipients of the caller's department, by name, at most 1000."
    ofDepartment(name: String): [Dispatch!] @access(class: "officer")
    "All, by name, at most 1000."
    everything(name: String): [Dispatch!] @access(class: "everything")
    "Whom something can be dispatched to for the caller's department: those of the gateway's settings."
    recipients: [DispatchRecipient!] @access(class: "officer")
    "What happened to dispatches of the caller's department after an event, in its order."
    events(
      "The \`endCursor\` after which to go on. Default: from the first that is kept."
      after: ID
      "How many at most, 1 to 1000."
      first: Int = 100
    ): DispatchEventPage @access(class: "officer")
    "What happened to all dispatches."
    allEvents(after: ID, first: Int = 100): DispatchEventPage @access(class: "everything")
  }

  "Who is entitled to what is dispatched, and where it goes."
  type DispatchRecipient {
    name: String!
    department: String
    organisation: String
    "What rules see of it."
    roles: [String!]!
    "Where it goes, and in which form."
    receiver: String!
  }

  "A saved operation that is run by schedule or on change, and whose result is delivered."
  type Dispatch {
    id: ID!
    name: String!
    title: String
    state: DispatchState!
    "Why it is STOPPED."
    stateReason: DispatchReason
    recipient: String!
    "The department that its recipient belongs to."
    department: String
    "Where it goes, and in which form; null where the settings have no such recipient any more."
    receiver: String
    operation: String!
    "As JSON."
    variables: String!
    purpose: String!
    legalBasis: String!
    consentReference: String
    caseNumber: String
    "Where in the answer the list is whose items are the rows."
    rows: String!
    "Columns that identify a row."
    key: [String!]!
    content: DispatchContent!
    whenRefused: DispatchRefusalPolicy!
    trigger: DispatchTrigger!
    "ISO 8601, as are all times; UTC."
    expiresAt: String
    "Grows with each change."
    revision: Int!
    madeBy: String!
    madeAt: String!
    "When it runs next; null where that is not known."
    nextRunAt: String
    "Its runs, the newest first."
    runs("How many at most, 1 to 1000." first: Int = 20, "Only runs before this one." before: Int): [DispatchRun!]
  }

  enum DispatchState {
    "Nobody has seen yet what it gives."
    DRAFT
    "It was previewed, and is not active."
    READY
    ACTIVE
    PAUSED
    "Its last run was refused. It goes on by itself once a run is given again what it asks for."
    STOPPED
    EXPIRED
  }

  enum DispatchContent {
    "Each run gives everything."
    FULL
    "The first run gives everything, each other what changed since."
    CHANGES
  }

  enum DispatchRefusalPolicy {
    "Where a rule refuses anything, nothing is delivered."
    STOP
    "What a rule refuses is left out."
    LEAVE_OUT
  }

  type DispatchTrigger {
    cron: String
    timeZone: String!
    "As a text: milliseconds of weeks are more than an Int holds."
    everyMs: String
    onChangeOf: [String!]!
    settleMs: Int!
  }

  "Why something is not as it should be."
  type DispatchReason {
    code: String!
    text: String!
    "The rule that refused."
    rule: String
  }

  "One carrying out of a dispatch."
  type DispatchRun {
    number: Int!
    state: DispatchRunState!
    reason: DispatchRunReason!
    "By which the trail has all that was asked for it and delivered of it."
    queryGroupId: ID!
    "Whether it gives everything, whatever the dispatch says."
    isFull: Boolean!
    dueAt: String!
    beganAt: String!
    endedAt: String
    "How often it was tried."
    attempt: Int!
    retryAt: String
    why: DispatchReason
    "Rows that were read, and those that go to the recipient."
    rowsRead: Int!
    rows: Int!
    "Rows that are no more."
    removed: Int!
    parts: Int!
    partsTaken: Int!
    "What was left out, by which rules."
    leftOut: [DispatchReason!]!
    "Fields in whose place others stand, by a rule."
    masked: [String!]!
    receipts: [DispatchReceipt!]
  }

  enum DispatchRunState {
    RUNNING
    "It waits to be tried again."
    RETRYING
    DELIVERED
    "Nothing had changed, and nothing was delivered."
    UNCHANGED
    "By a rule. Nothing was delivered."
    REFUSED
    "It is tried no more; what it kept can be replayed or discarded."
    DEAD
  }

  enum DispatchRunReason {
    CRON
    EVERY
    CHANGE
    HAND
    REPLAY
  }

  "What a receiver answered once it had a part for good."
  type DispatchReceipt {
    part: Int!
    receiver: String!
    idempotencyKey: String!
    "SHA-256 of the delivery as canonical JSON."
    digest: String!
    rows: Int!
    takenAt: String!
    "The receiver's, Ed25519; null where it has no key."
    signature: String
  }

  "What a dispatch would give."
  type DispatchPreview {
    dispatch: Dispatch!
    columns: [DispatchColumn!]!
    "The first rows, in the order of the columns; each value as a text."
    rows: [[String]!]!
    "How many there are on the first page."
    rowsOnPage: Int!
    "What rules refuse."
    refusals: [DispatchReason!]!
    masked: [String!]!
  }

  type DispatchColumn {
    name: String!
    "text, number, boolean or json."
    type: String!
  }

  type DispatchEventPage {
    events: [DispatchEvent!]!
    "What to give as \`after\` for what comes next; null where there was none."
    endCursor: ID
    hasMore: Boolean!
  }

  type DispatchEvent {
    cursor: ID!
    kind: DispatchEventKind!
    at: String!
    dispatchId: ID!
    "What it was called then."
    name: String!
    recipient: String!
    department: String
    "Who did it; null where nobody did."
    by: String
    run: Int
    why: DispatchReason
    rows: Int
    removed: Int
    retryAt: String
  }

  enum DispatchEventKind {
    CREATED
    CHANGED
    PREVIEWED
    ACTIVATED
    PAUSED
    RESUMED
    STOPPED
    EXPIRED
    DELETED
    DELIVERED
    UNCHANGED
    REFUSED
    RETRYING
    DEAD
    REPLAYED
    DISCARDED
  }

  input DispatchInput {
    "Small letters, digits and . _ -"
    name: String!
    title: String
    "One of the caller's department in the gateway's settings."
    recipient: String!
    "A query."
    operation: String!
    "As JSON."
    variables: String = "{}"
    purpose: String!
    legalBasis: String!
    consentReference: String
    caseNumber: String
    "Where in the answer the list is whose items are the rows, by response names with dots between."
    rows: String!
    key: [String!]!
    "Columns, each with the place of its value below the row. Default: every leaf."
    columns: [DispatchColumnInput!]
    pages: DispatchPagesInput
    trigger: DispatchTriggerInput
    content: DispatchContent = CHANGES
    whenRefused: DispatchRefusalPolicy = STOP
    expiresAt: String
  }

  input DispatchColumnInput {
    name: String!
    path: String!
  }

  input DispatchPagesInput {
    "The variable that says after what a page begins."
    variable: String!
    "The column whose value in the last row of a page it gets for the next."
    from: String!
    "The variable that says how many rows a page has."
    sizeVariable: String = "first"
    size: Int = 500
  }

  "What begins a run beside doing so by hand."
  input DispatchTriggerInput {
    cron: String
    timeZone: String
    everyMs: String
    onChangeOf: [String!]
    settleMs: Int
  }
`;
