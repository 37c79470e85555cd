/**
 * What the trail holds of one request: who, what for, which fields of whom, by which rule, and digests of what was said. Never
 * a value. The names are those of Estonia's Data Tracker where it has one.
 */
export interface TrailEntry {
  /** When the request came: ISO 8601, in milliseconds, UTC. */
  readonly logTime: string;
  /** The request's own: a UUID. */
  readonly queryId: string;
  /** The whole of which the request is a part. */
  readonly queryGroupId?: string;
  /** `refused`: nothing was given, by a rule or because the request was wrong; `failed`: nothing could be. */
  readonly outcome: 'answered' | 'refused' | 'failed';
  readonly initiatorPerson?: string;
  readonly initiatorOrg?: string;
  /** The department the initiator acts for. */
  readonly initiatorDepartment?: string;
  readonly roles: readonly string[];
  /** How the initiator's identity was proven, see `Identity.proof`. */
  readonly proof: string;
  readonly purpose?: string;
  readonly legalBasis?: string;
  readonly consentReference?: string;
  readonly caseNumber?: string;
  /** Ids of the grants that something was given by. */
  readonly grants?: readonly string[];
  /** Until when the subject is not shown this record: ISO 8601, UTC. */
  readonly hiddenUntil?: string;
  readonly hiddenReason?: string;
  /** Absent where the operation could not be read: its name could then be any text. */
  readonly operationName?: string;
  /** SHA-256 of the operation's text as it was sent, in hex; digests are the same of what they are of. */
  readonly operationHash: string;
  /** Of the variables as JSON without spaces, members in the order in which they were sent; of `{}` where there were none. */
  readonly variablesDigest: string;
  /** Of the rules that decided. */
  readonly policiesHash?: string;
  /** Ids of the rules by which something was given, or would have been where the record fitted. */
  readonly rules?: readonly string[];
  readonly supergraphHash: string;
  readonly fetches: readonly TrailFetch[];
  /** Coordinates of the fields that were asked for and returned as they are: `Enterprise.name`. */
  readonly fields: readonly string[];
  readonly refused: readonly TrailRefusal[];
  /**
   * Of the answer's body, every byte of it, as it was sent. An answer that says how it came about (`extensions.explain`) has the digest of the
   * one without.
   */
  readonly answerDigest?: string;
  readonly answerBytes: number;
  /** Until the answer was there; writing the record comes after. */
  readonly durationMs: number;
  /** Of the errors in the answer, each once. */
  readonly errorCodes?: readonly string[];
  /** What was delivered, where the record is of a delivery and not of a request: what was asked for it has records of its own. */
  readonly dispatch?: TrailDispatch;
}

/** A part of a dispatch's run as it was delivered, or the end of a run of which nothing was. */
export interface TrailDispatch {
  readonly id: string;
  readonly name: string;
  readonly run: number;
  readonly recipient: string;
  /** Where it went, without secrets. */
  readonly receiver: string;
  /** Of how many. Absent: nothing was delivered. */
  readonly part?: number;
  readonly parts?: number;
  readonly idempotencyKey?: string;
  /** Of the delivery as canonical JSON. */
  readonly contentDigest?: string;
  readonly rows: number;
  readonly removed: number;
  readonly receipt?: {
    readonly receiver: string;
    readonly digest: string;
    readonly takenAt: string;
    /** The receiver's, Ed25519; absent where it has no key. */
    readonly signature?: string;
  };
  /** How the run stands. */
  readonly state: string;
  /** Why nothing was delivered, and by which rule. */
  readonly reason?: string;
}

/** What one department was asked for the request. */
export interface TrailFetch {
  readonly department: string;
  /** Of the body of what was asked. */
  readonly requestDigest: string;
  /** Of the body of what came back; absent where nothing did. */
  readonly responseDigest?: string;
  readonly durationMs: number;
  /** Entities that it was about, 1 for root fields. */
  readonly rows: number;
  /**
   * How many of them the gateway remembered from an earlier request. The digests are then of what would have been asked, and of the
   * answer as it was put together.
   */
  readonly remembered?: number;
  readonly httpStatus?: number;
  /** As of when the source says its data are. */
  readonly asOf?: string;
  /** The code of what went wrong. */
  readonly error?: string;
}

/** A field that was not given, or not as it is, and by which rule. */
export interface TrailRefusal {
  readonly coordinate: string;
  readonly outcome: string;
  readonly rule: string;
  /** The rules are being tried (`authorisation.mode: report`): they would have withheld it, and it was given. */
  readonly isReported?: true;
}

/** An entry as it stands in the trail: in its chain, and with the keyed digests of those it is about. */
export interface TrailRecord extends TrailEntry {
  readonly chain: string;
  /** From 1, without gaps within a chain. */
  readonly seq: number;
  /** The hash of the record before it; zeros for the first. */
  readonly previous: string;
  /** See `subjectDigest`. */
  readonly subjects: readonly string[];
}

/** Which records are looked for; the newest first. */
export interface TrailQuery {
  /**
   * `subject`: records about an entity, by its {@link subjectName}; `person`: what an initiator did; `department`: what was
   * asked of a department; `group`: the parts of one whole, by its `queryGroupId`; `everything`.
   */
  readonly by: 'subject' | 'person' | 'department' | 'group' | 'everything';
  /** Whom or what; not looked at for `everything`. */
  readonly of: string;
  /** From this time on: ISO 8601, UTC. Default: since ever. */
  readonly since?: string;
  /** Before this record, to read on. Default: from the newest. */
  readonly before?: Pick<TrailRecord, 'logTime' | 'chain' | 'seq'>;
  /** How many at most, up to 1,000. */
  readonly limit: number;
}

/**
 * How an entity is called where the trail is told of it; the trail itself holds the keyed digest of this text.
 *
 * @param key the value of its key; for a key of several fields their values as a JSON array, in the order of the fields' names
 */
export function subjectName(typeName: string, key: string): string {
  return `${typeName}:${key}`;
}

/** What of an entry it is found by. */
export interface NamedEntry extends Pick<TrailEntry, 'initiatorPerson' | 'queryGroupId'> {
  readonly fetches: readonly Pick<TrailFetch, 'department'>[];
}

/** The names a record is found by, beside its subjects'; some may stand there more than once. */
export function namesOf({ initiatorPerson, queryGroupId, fetches }: NamedEntry): string[] {
  const names = fetches.map(({ department }) => indexName('department', department));
  if (initiatorPerson !== undefined) names.push(indexName('person', initiatorPerson));
  if (queryGroupId !== undefined) names.push(indexName('group', queryGroupId));
  names.push(indexName('everything', ''));
  return names;
}

/** All names a record is found by. */
export function allNamesOf(record: NamedEntry & Pick<TrailRecord, 'subjects'>): string[] {
  return [...namesOf(record), ...record.subjects.map((subject) => indexName('subject', subject))];
}

/** @param of for a subject its digest */
export function indexName(by: TrailQuery['by'], of: string): string {
  return by === 'everything' ? by : `${by}:${of}`;
}
