/** What is known of a fact, as types of the graph; every claims' subgraph has the same, so that they may stand in one graph. */
export const FACT_HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable"])

"The gateway asks although something that is required is missing: no answer, or not for whoever asks. Refused where they may see none of the values."
directive @toleratesMissing(values: [String!]!) on FIELD_DEFINITION
`;

const COMMON = `
  "Whether those that say something say the same, and if not, why. Null where one alone is there and another is missing that may say something."
  agreement: Agreement
  "In words: who says what, of which year, and what explains a difference or does not."
  explanation: String!`;

const MISSING = `
  "Departments whose claim is not there, and why: none of them agrees or disagrees."
  missing: [MissingClaim!]!`;

const CLAIM = `
  "The department that says so."
  department: String!`;

const WHEN = `
  "What the department means by it."
  definition: String!
  "The time that it speaks of, such as \`2015\` or \`2000/2001\`; null where nobody knows."
  vintage: String
  vintageBasis: VintageBasis!
  "Why this definition or time was put down for it, where the department itself does not say."
  because: String
  provenance: Provenance!`;

/** Types of facts that are numbers. */
export const NUMBER_TYPES = `
"A number that several departments assert."
type NumberFact @shareable {
  "What the department with the most authority says, of those that say something."
  value: Float!
  unit: String!${COMMON}
  claims: [NumberClaim!]!
  "Pairs of claims that are not one value."
  disagreements: [NumberDisagreement!]!${MISSING}
}

"What one department says of a number."
type NumberClaim @shareable {${CLAIM}
  "In the fact's unit."
  value: Float!
  unit: String!
  "As it stands in the department."
  stated: String!${WHEN}
}

type NumberDisagreement @shareable {
  one: NumberClaim!
  other: NumberClaim!
  agreement: Agreement!
  "In the fact's unit."
  difference: Float!
  "What the tolerance and the years between them explain of it; null where that is not known, or anything."
  explained: Float
  explanation: String!
}
`;

/** Types of facts that are texts or states. */
export const TEXT_TYPES = `
"A text, or one of several states, that several departments assert."
type TextFact @shareable {
  "What the department with the most authority says, of those that say something."
  value: String!${COMMON}
  claims: [TextClaim!]!
  "Pairs of claims that do not say the same."
  disagreements: [TextDisagreement!]!${MISSING}
}

"What one department says of a text or a state."
type TextClaim @shareable {${CLAIM}
  value: String!
  "As it stands in the department."
  stated: String!${WHEN}
}

type TextDisagreement @shareable {
  one: TextClaim!
  other: TextClaim!
  agreement: Agreement!
  explanation: String!
}
`;

/** Types that all facts have. */
export const SHARED_TYPES = `
enum Agreement {
  "All say the same, within the fact's tolerance."
  AGREE
  "Some differ, and mean different things."
  DIFFERENT_DEFINITION
  "Some differ, mean the same, and speak of times between which it may have changed by as much."
  DIFFERENT_VINTAGE
  "Two differ, and nothing that is known of them explains it."
  CONFLICT
  "One department alone says something, and the others have nothing."
  SINGLE
}

enum VintageBasis {
  "The department says it."
  STATED
  "It is put down for the department, with a reason."
  DECLARED
  UNKNOWN
}

type MissingClaim @shareable {
  department: String!
  reason: MissingReason!
}

enum MissingReason {
  "The department answered, and has nothing."
  NOTHING_KNOWN
  "The department did not answer, or what leads to it did not."
  NOT_ANSWERED
  "The caller may not see it, or not as it is, by the department's rules."
  WITHHELD
  "The department has a value that stands for none of the fact's states."
  VALUE_UNKNOWN
}
`;

/** As the kit's departments have it. */
export const PROVENANCE_TYPE = `
"Where a value comes from."
type Provenance @shareable {
  source: String
  system: String
  recordId: String
  asOf: String
  "When the system was read, in ISO 8601; null where the department does not say."
  fetchedAt: String
  method: String
  quality: String
  synthetic: Boolean
  licence: String
}
`;
