/** Where a supergraph says that grants are: in the gateway itself. */
export const GRANTS_URL = 'switchyard:grants';

/** What the gateway publishes of grants as a department of the graph. */
export const GRANTS_SDL = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")

  directive @access(class: String!) on FIELD_DEFINITION | OBJECT | INTERFACE

  type Query {
    "What departments let somebody read for a purpose, for a while."
    grants: Grants
  }

  type Mutation {
    "Gives a grant of the caller's department. It holds once enough persons stand behind it."
    giveGrant(grant: GrantInput!): Grant @access(class: "give")
    "Stands behind a grant that another person of the department gave."
    approveGrant(id: ID!): Grant @access(class: "give")
    "Ends a grant of the caller's department at once."
    revokeGrant(id: ID!): Grant @access(class: "give")
    "Takes what is not given, where a rule allows it for an emergency: for a short time, for the purpose \`break-glass\`, and seen by those it is about."
    breakGlass(
      "Whose data they are: a subgraph's name."
      department: String!
      classes: [String!]!
      "Whom it is about, where the department's rule asks for that."
      subjects: [String!]! = []
      "Why; those it is about may ask."
      reason: String!
    ): Grant @access(class: "break-glass")
  }

  "Which grants there are to see: each field others, under a rule of its own."
  type Grants {
    "The caller's own that are in force, or wait for approval."
    mine: [Grant!] @access(class: "mine")
    "Those of the caller's department, the newest first, at most 1000."
    ofDepartment: [Grant!] @access(class: "give")
    "All, the newest first, at most 1000."
    everything: [Grant!] @access(class: "everything")
  }

  "What a department lets somebody read."
  type Grant {
    id: ID!
    kind: GrantKind!
    state: GrantState!
    "Whose data they are: a subgraph's name."
    department: String!
    "Access classes of the department."
    classes: [String!]!
    grantee: Grantee!
    "What a request must say it is for."
    purpose: String
    caseNumber: String
    "Whom it is about; empty: nobody in particular."
    subjects: [String!]!
    reason: String!
    "Requests that may be answered by it, and those that were."
    maxReads: Int!
    reads: Int!
    "ISO 8601, UTC."
    expiresAt: String!
    "Persons who have to stand behind it, and those who do."
    approvalsNeeded: Int!
    approvals: [GrantApproval!]!
  }

  "Whom a grant is for: all that is said must hold."
  type Grantee {
    subject: String
    organisation: String
    role: String
  }

  type GrantApproval {
    by: String!
    "ISO 8601, UTC."
    at: String!
  }

  enum GrantKind {
    GIVEN
    BREAK_GLASS
  }

  enum GrantState {
    ACTIVE
    "More persons have to approve it."
    PROPOSED
    REVOKED
    EXPIRED
    USED_UP
  }

  input GrantInput {
    "Access classes of the department."
    classes: [String!]!
    grantee: GranteeInput!
    "A purpose or a case number is needed."
    purpose: String
    caseNumber: String
    "Whom it is about, where the department's rule asks for that."
    subjects: [String!]! = []
    reason: String!
    "Requests that may be answered by it, 1 to 1000000."
    maxReads: Int!
    "When it ends, ISO 8601."
    expiresAt: String!
  }

  "Whom a grant is for: all that is said must hold, and something must be said."
  input GranteeInput {
    subject: String
    organisation: String
    role: String
  }
`;
