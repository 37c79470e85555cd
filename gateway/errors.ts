import type { GraphQLError } from 'graphql';

/**
 * Every error this gateway makes: its stable code (`extensions.code`), the HTTP status of a request that fails with it
 * as a whole, and what the client is told. Errors of departments keep their own message and code unless masked.
 *
 * What a client may read is the text here and nothing else; causes, addresses and stacks are {@link GatewayFault.detail}
 * and stay in the process.
 */
export const ERROR_CATALOGUE = {
  // The request itself.
  BAD_REQUEST: { httpStatus: 400, text: 'The request is not a GraphQL request.' },
  UNSUPPORTED_MEDIA_TYPE: { httpStatus: 415, text: 'Send the request body as application/json.' },
  NOT_ACCEPTABLE: {
    httpStatus: 406,
    text: 'Answers are application/graphql-response+json or application/json; accept one of them.',
  },
  METHOD_NOT_ALLOWED: { httpStatus: 405, text: 'Use POST, or GET for queries.' },
  PAYLOAD_TOO_LARGE: { httpStatus: 413, text: 'The request body is too large.' },
  NOT_FOUND: { httpStatus: 404, text: 'There is nothing at this address.' },
  // Who asks, and what for.
  TOKEN_MALFORMED: { httpStatus: 401, text: 'The authorization header holds no signed JSON Web Token.' },
  TOKEN_EXPIRED: { httpStatus: 401, text: 'The token has expired.' },
  TOKEN_NOT_YET_VALID: { httpStatus: 401, text: 'The token is not valid yet.' },
  TOKEN_WRONG_ISSUER: { httpStatus: 401, text: 'The token is of an issuer that is not trusted here.' },
  TOKEN_WRONG_AUDIENCE: { httpStatus: 401, text: 'The token is meant for somebody else.' },
  TOKEN_ALGORITHM_REFUSED: { httpStatus: 401, text: 'The token is signed in a way that is not accepted.' },
  TOKEN_SIGNATURE_INVALID: { httpStatus: 401, text: "The token's signature is wrong." },
  TOKEN_KEY_UNKNOWN: { httpStatus: 401, text: 'The token is signed with a key that its issuer does not publish.' },
  TOKEN_CLAIMS_INVALID: { httpStatus: 401, text: 'The token lacks a claim, or has one in the wrong form.' },
  TOKEN_ISSUER_UNAVAILABLE: {
    httpStatus: 503,
    text: "The keys of the token's issuer cannot be had; try again shortly.",
  },
  API_KEY_INVALID: { httpStatus: 401, text: 'The API key is not known.' },
  API_KEY_EXPIRED: { httpStatus: 401, text: 'The API key has expired.' },
  CERTIFICATE_UNKNOWN: { httpStatus: 401, text: "The client's certificate is not known, or no longer valid." },
  AMBIGUOUS_CREDENTIALS: {
    httpStatus: 401,
    text: 'The request brings more than one proof of who asks; send one token, one API key or one certificate.',
  },
  PURPOSE_HEADER_INVALID: { httpStatus: 400, text: 'A header that says what the request is for cannot be read.' },
  PURPOSE_DIRECTIVE_INVALID: { httpStatus: 400, text: 'What @purpose says the request is for cannot be taken.' },
  PURPOSE_CONTRADICTION: {
    httpStatus: 400,
    text: 'The headers and @purpose of the operation do not say the same about what the request is for.',
  },
  // The operation.
  // Clients know these two by their texts as well, and by the status of Apollo Server: what they answer to is no fault.
  PERSISTED_QUERY_NOT_FOUND: { httpStatus: 200, text: 'PersistedQueryNotFound' },
  PERSISTED_QUERY_NOT_SUPPORTED: { httpStatus: 200, text: 'PersistedQueryNotSupported' },
  PERSISTED_QUERY_HASH_MISMATCH: { httpStatus: 400, text: 'The hash of the operation is not that of its text.' },
  GRAPHQL_PARSE_FAILED: { httpStatus: 400, text: 'The operation is not valid GraphQL.' },
  GRAPHQL_VALIDATION_FAILED: { httpStatus: 400, text: 'The operation does not fit the schema.' },
  OPERATION_RESOLUTION_FAILURE: { httpStatus: 400, text: 'The request does not say which operation to run.' },
  OPERATION_NOT_SUPPORTED: { httpStatus: 400, text: 'This kind of operation is not supported.' },
  BAD_USER_INPUT: { httpStatus: 400, text: 'A variable is missing or has the wrong type.' },
  INTROSPECTION_DISABLED: { httpStatus: 400, text: 'Introspection is switched off.' },
  MAX_TOKENS_LIMIT: { httpStatus: 400, text: 'The operation has too many tokens.' },
  MAX_DEPTH_LIMIT: { httpStatus: 400, text: 'The operation is nested too deeply.' },
  MAX_ALIASES_LIMIT: { httpStatus: 400, text: 'The operation has too many aliases.' },
  MAX_ROOT_FIELDS_LIMIT: { httpStatus: 400, text: 'The operation has too many root fields.' },
  MAX_FIELDS_LIMIT: { httpStatus: 400, text: 'The operation selects too many fields.' },
  // Planning.
  PLANNING_FAILED: { httpStatus: 500, text: 'No query plan was found for the operation.' },
  PLANNING_TIMEOUT: { httpStatus: 400, text: 'Planning the operation took too long; ask for less at once.' },
  PLANNING_OVERLOADED: { httpStatus: 503, text: 'Too many new operations are being planned; try again shortly.' },
  // Departments.
  DOWNSTREAM_SERVICE_ERROR: { httpStatus: 200, text: 'The department reported an error.' },
  SUBREQUEST_HTTP_ERROR: { httpStatus: 200, text: 'The department could not be reached.' },
  SUBREQUEST_TIMEOUT: { httpStatus: 200, text: 'The department did not answer in time.' },
  SUBREQUEST_CIRCUIT_OPEN: {
    httpStatus: 200,
    text: 'The department has not been answering and is left alone for a moment; try again shortly.',
  },
  SUBREQUEST_LIMITED: {
    httpStatus: 200,
    text: 'The department is being asked as much as it can take; try again shortly.',
  },
  SUBREQUEST_MALFORMED_RESPONSE: { httpStatus: 200, text: 'The department gave an answer that is not GraphQL.' },
  SUBREQUEST_TOO_LARGE: { httpStatus: 200, text: 'The department gave an answer that is too large.' },
  // What may be seen.
  UNAUTHORIZED_FIELD_OR_TYPE: { httpStatus: 200, text: 'The field may not be seen with this authority.' },
  CONSENT_REQUIRED: { httpStatus: 200, text: 'The field may be seen with consent only.' },
  ACCESS_UNDECIDED: {
    httpStatus: 200,
    text: 'Whether the field may be seen depends on its record, and what decides could not be read.',
  },
  GRANTS_UNAVAILABLE: { httpStatus: 503, text: 'Grants cannot be looked up now; try again shortly.' },
  GRANT_REFUSED: { httpStatus: 200, text: 'There can be no such grant.' },
  GRANTS_OFF: { httpStatus: 200, text: 'This gateway keeps no grants.' },
  // The trail.
  TRAIL_UNAVAILABLE: { httpStatus: 503, text: 'What is asked for cannot be recorded now; try again shortly.' },
  TRAIL_OFF: { httpStatus: 200, text: 'This gateway keeps no trail.' },
  TRAIL_UNGUARDED: { httpStatus: 200, text: 'Nobody may read the trail, as no rules say who may.' },
  // The registry.
  REGISTRY_UNAUTHORIZED: { httpStatus: 401, text: 'The registry answers who proves what they are, and nobody else.' },
  NOT_YOUR_SUBGRAPH: {
    httpStatus: 403,
    text: 'A subgraph is changed by the department that it is of, and nobody else.',
  },
  ADMINISTRATORS_ONLY: { httpStatus: 403, text: 'That is done by an administrator of the registry.' },
  GATEWAYS_ONLY: { httpStatus: 403, text: 'That is said to gateways, and by gateways, alone.' },
  PUBLISH_INVALID: { httpStatus: 400, text: 'What is to be published cannot be taken.' },
  PUBLISH_REFUSED: { httpStatus: 422, text: 'The change would break the graph.' },
  VERSION_UNKNOWN: { httpStatus: 404, text: 'There is no such version of the graph.' },
  SUBGRAPH_UNKNOWN: { httpStatus: 404, text: 'The graph has no such subgraph.' },
  CONTRACT_UNKNOWN: { httpStatus: 404, text: 'The graph has no such contract.' },
  NOTHING_PUBLISHED: { httpStatus: 404, text: 'Nothing has been published yet.' },
  TRIAL_TIMEOUT: { httpStatus: 503, text: 'Composing the graph took too long; try again.' },
  REGISTRY_OVERLOADED: { httpStatus: 503, text: 'Too many changes are being tried; try again shortly.' },
  REGISTRY_UNAVAILABLE: { httpStatus: 503, text: 'The registry cannot reach its store now; try again shortly.' },
  // Dispatch.
  DISPATCH_OFF: { httpStatus: 200, text: 'This gateway keeps no dispatches.' },
  DISPATCH_UNGUARDED: { httpStatus: 200, text: 'Nobody may dispatch, as no rules say who may.' },
  DISPATCH_REFUSED: { httpStatus: 200, text: 'That cannot be done with a dispatch.' },
  DISPATCH_UNAVAILABLE: { httpStatus: 503, text: 'Dispatches cannot be looked up now; try again shortly.' },
  DISPATCH_RECIPIENT_UNKNOWN: { httpStatus: 404, text: "The gateway's settings have no such recipient any more." },
  DISPATCH_EXPIRED: { httpStatus: 200, text: 'The time of the dispatch is over.' },
  DISPATCH_GIVEN_UP: { httpStatus: 200, text: 'The run was given up.' },
  DISPATCH_NO_ROWS: { httpStatus: 200, text: 'The answer does not have the list whose items are the rows.' },
  DISPATCH_KEY_INVALID: { httpStatus: 422, text: 'The key does not tell the rows apart.' },
  DISPATCH_PAGES_STUCK: { httpStatus: 422, text: 'The pages do not lead on.' },
  DISPATCH_TOO_LARGE: { httpStatus: 413, text: 'A run of the dispatch is larger than the settings allow.' },
  RECEIVER_UNAVAILABLE: { httpStatus: 503, text: 'The receiver cannot be reached.' },
  RECEIVER_TIMEOUT: { httpStatus: 504, text: 'The receiver did not take the delivery in time.' },
  RECEIVER_FAILED: { httpStatus: 502, text: 'The receiver could not take the delivery.' },
  RECEIVER_BUSY: { httpStatus: 503, text: 'The receiver has no room for the delivery now.' },
  RECEIVER_REDIRECTED: { httpStatus: 502, text: 'The receiver points elsewhere, where nothing is sent.' },
  RECEIVER_ANSWER_TOO_LARGE: { httpStatus: 502, text: 'The receiver gave an answer that is too large.' },
  RECEIPT_MALFORMED: { httpStatus: 502, text: 'The receiver gave no receipt that can be read.' },
  RECEIPT_OF_ANOTHER: { httpStatus: 502, text: 'The receiver gave the receipt of another delivery.' },
  RECEIPT_DIGEST_MISMATCH: { httpStatus: 502, text: 'The receiver has taken something else than what was sent.' },
  RECEIPT_SIGNATURE_INVALID: { httpStatus: 502, text: "The receipt has no signature of the receiver's." },
  RECEIVER_REFUSED: { httpStatus: 502, text: 'The receiver refuses the delivery.' },
  DELIVERY_CONFLICT: {
    httpStatus: 409,
    text: 'The receiver has taken another delivery under the same idempotency key.',
  },
  DELIVERY_UNFIT: { httpStatus: 422, text: "The delivery does not fit into the receiver's form." },
  DELIVERY_TOO_LARGE: { httpStatus: 413, text: 'The delivery is larger than the receiver takes.' },
  DELIVERY_INCOMPLETE: { httpStatus: 409, text: 'The receiver lacks a part of the run that comes before this one.' },
  // The cache.
  INVALIDATION_UNAUTHORIZED: {
    httpStatus: 401,
    text: 'What is remembered is invalidated by who sends the secret alone.',
  },
  INVALIDATION_INVALID: { httpStatus: 400, text: 'The list of what is to be invalidated cannot be taken.' },
  INVALIDATION_UNAVAILABLE: {
    httpStatus: 503,
    text: 'That nothing old is given any more cannot be promised now; try again shortly.',
  },
  // The answer.
  INVALID_VALUE: { httpStatus: 200, text: 'A department gave a value that the schema does not allow.' },
  REQUEST_TIMEOUT: { httpStatus: 504, text: 'The request took too long.' },
  GATEWAY_OVERLOADED: {
    httpStatus: 503,
    text: 'The gateway has more to do than it can; try again after as many seconds as the header retry-after says.',
  },
  SHUTTING_DOWN: { httpStatus: 503, text: 'The gateway is shutting down.' },
  INTERNAL_SERVER_ERROR: { httpStatus: 500, text: 'Something went wrong in the gateway.' },
} as const satisfies Record<string, { httpStatus: number; text: string }>;

/** One of the codes of {@link ERROR_CATALOGUE}. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** A GraphQL error as it stands in an answer (GraphQL specification, section 7.1.2). */
export interface AnswerError {
  message: string;
  locations?: readonly { line: number; column: number }[];
  /** Where in the answer, by response names and list indices. */
  path?: readonly (string | number)[];
  extensions: { code: string; service?: string; [key: string]: unknown };
}

/** A request that cannot be carried out, told to the caller; returned, never thrown. */
export interface Refusal {
  ok: false;
  httpStatus: number;
  errors: AnswerError[];
  /** What the header `www-authenticate` says (RFC 9110, section 11.6.1); only where it was not proven who asks. */
  challenge?: string;
}

/** A fault inside the gateway or of what it depends on; thrown, and told to clients by its catalogue text only. */
export class GatewayFault extends Error {
  override name = 'GatewayFault';
  readonly code: ErrorCode;
  /** For logs only: what really happened, with addresses and causes. */
  readonly detail: string;

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${ERROR_CATALOGUE[code].text} ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Makes a refusal with one error; `more` says what the catalogue's text cannot know (numbers, names). */
export function refuse(code: ErrorCode, more?: string): Refusal {
  return { ok: false, httpStatus: ERROR_CATALOGUE[code].httpStatus, errors: [answerError(code, more)] };
}

/** Makes a refusal from the errors that graphql-js found in the text, the schema or the variables. */
export function refuseWith(code: ErrorCode, errors: readonly GraphQLError[]): Refusal {
  return {
    ok: false,
    httpStatus: ERROR_CATALOGUE[code].httpStatus,
    errors: errors.map((error) => ({
      message: error.message,
      ...(error.locations ? { locations: error.locations } : {}),
      extensions: { ...error.extensions, code },
    })),
  };
}

/** An error with the catalogue's text, and after it what the catalogue cannot know. */
export function answerError(code: ErrorCode, more?: string): AnswerError {
  const { text } = ERROR_CATALOGUE[code];
  return { message: more ? `${text} ${more}` : text, extensions: { code } };
}

/** What a client is told about a thrown error: the catalogue's text for a fault, nothing in particular for the rest. */
export function refuseFault(error: unknown): Refusal {
  return refuse(error instanceof GatewayFault ? error.code : 'INTERNAL_SERVER_ERROR');
}

/** Codes of an answer's errors, each once, by {@link catalogueCode}. */
export function errorCodes(errors: readonly AnswerError[]): ErrorCode[] {
  return [...new Set(errors.map(({ extensions: { code } }) => catalogueCode(code)))];
}

/** The code itself, or `DOWNSTREAM_SERVICE_ERROR` where it is a department's own, into which it may write anything. */
export function catalogueCode(code: string): ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, code) ? (code as ErrorCode) : 'DOWNSTREAM_SERVICE_ERROR';
}
