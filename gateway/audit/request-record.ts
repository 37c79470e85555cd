import { randomUUID } from 'node:crypto';
import { answerText } from '../answer-text.ts';
import type { Caller } from '../caller.ts';
import type { Grounds } from '../authorise/grounds.ts';
import { errorCodes, GatewayFault, refuse, type Refusal } from '../errors.ts';
import type { Fetcher, OnBehalf } from '../execute/fetcher.ts';
import type { AnswerMessage, AnswerText, RequestMessage } from '../message.ts';
import type { DecidedField } from '../operation/field-access.ts';
import type { PreparedOperation } from '../operation/prepare.ts';
import type { ProgramAnswer } from '../program/run-program.ts';
import { AskedDepartments, roundedMs } from './asked-departments.ts';
import { digestOf, type Digests } from './digest.ts';
import type { TrailEntry } from './entry.ts';
import type { RecordedOperation } from './recorded-operation.ts';
import { fewNames, nameByText, type SubjectFinder } from './subject-finder.ts';
import type { Trail } from './trail.ts';

/** What every record is made with. */
export interface RecordParts {
  trail: Pick<Trail, 'write' | 'health'>;
  supergraphHash: string;
  digests: Digests;
  /** Finds whom answers are about that no program read. */
  finder: SubjectFinder;
}

/** Digest of the variables of a request that has none. */
const NO_VARIABLES = digestOf({ text: '{}', encoding: 'utf8' });

const DAY_MS = 86_400_000;

const NOT_CHANGED = 'Nothing was changed.';

/** By what it was decided what may be seen. */
interface DecidedBy extends Grounds {
  /** Of all rules; absent where there are none. */
  readonly policiesHash: string | undefined;
}

/** An entry as it is put together; JSON leaves out what is undefined. */
type Draft = { [Name in keyof TrailEntry]: TrailEntry[Name] | undefined };

/** What becomes known of one request on its way, and in the end its record. */
export class RequestRecord {
  /** The request's name in the trail. */
  readonly queryId = randomUUID();
  readonly #request: RequestMessage;
  readonly #parts: RecordParts;
  readonly #logTime = new Date().toISOString();
  readonly #beganMs = performance.now();
  readonly #asked = new AskedDepartments();
  #caller: Caller;
  #prepared: PreparedOperation | undefined;
  #operation: RecordedOperation | undefined;
  #decidedBy: DecidedBy | undefined;
  #decided: readonly DecidedField[] = [];
  readonly #subjects = new Set<string>();
  /** Whom a program read; absent where the plain way answered. */
  #quick: ProgramAnswer['subjects'] | undefined;

  constructor(request: RequestMessage, parts: RecordParts) {
    this.#request = request;
    this.#caller = request.caller;
    this.#parts = parts;
  }

  /**
   * The operation is known.
   * @returns a refusal where it would change something and could not be recorded
   */
  recognise(prepared: PreparedOperation): Refusal | undefined {
    this.#prepared = prepared;
    if (!prepared.isMutation || this.#parts.trail.health().up) return undefined;
    return refuse('TRAIL_UNAVAILABLE', NOT_CHANGED);
  }

  /** It is known what for: the operation may say more of that than the headers. */
  ask(caller: Caller): void {
    this.#caller = caller;
  }

  /** The operation is about to be run. */
  run(operation: RecordedOperation, decidedBy: DecidedBy): void {
    this.#operation = operation;
    this.#decidedBy = decidedBy;
  }

  /** What records decided about fields: one may be given of some and not of others. */
  addDecided(decided: readonly DecidedField[]): void {
    this.#decided = decided;
  }

  /** What departments are told of the request; they may say whom else it is about. */
  get onBehalf(): OnBehalf {
    return {
      caller: this.#caller,
      queryId: this.queryId,
      noteSubjects: (names) => names.forEach((name) => this.#subjects.add(name)),
    };
  }

  /** A fetcher that asks as the other does, and writes down what is asked and answered. */
  watch(fetcher: Fetcher): Fetcher {
    return this.#asked.watch(fetcher);
  }

  /** A program has read all that departments answered. */
  answeredQuickly({ subjects }: ProgramAnswer): void {
    this.#quick = subjects;
  }

  /** Writes the record. Gives the answer that may leave: another one where it could not be written. */
  async write(answer: AnswerMessage): Promise<AnswerMessage> {
    const body = answerText(answer);
    const entry = this.#entry(answer, body) as TrailEntry;
    try {
      await this.#parts.trail.write(entry, this.#subjectNames(), this.#operation?.when);
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error;
      const { httpStatus, errors } = this.#unrecorded(error);
      return { httpStatus, errors };
    }
    return { ...answer, recorded: { queryId: this.queryId, body } };
  }

  #subjectNames(): string[] {
    const few = this.#quick && this.#subjects.size === 0 ? fewNames(this.#quick) : undefined;
    if (few) return few;
    if (this.#quick) addNames(this.#quick, this.#subjects);
    else this.#asked.findSubjects(this.#parts.finder, this.#subjects);
    return [...this.#subjects];
  }

  /** What was changed is changed, and who asked for it must know. */
  #unrecorded({ code }: GatewayFault): Refusal {
    if (!this.#prepared?.isMutation) return refuse(code);
    return refuse(code, this.#asked.hasChanged ? 'What was to be changed may be changed all the same.' : NOT_CHANGED);
  }

  #entry(answer: AnswerMessage, body: AnswerText): Draft {
    const { parameters } = this.#request;
    const { digests, supergraphHash } = this.#parts;
    const { identity, purpose, grants } = this.#caller;
    const outcome = this.#outcome(answer);
    const { fields, refused } = this.#seen;
    return {
      logTime: this.#logTime,
      queryId: this.queryId,
      queryGroupId: purpose.queryGroupId,
      outcome,
      initiatorPerson: identity.subject,
      initiatorOrg: identity.organisation,
      initiatorDepartment: identity.department,
      roles: identity.roles,
      proof: identity.proof,
      purpose: purpose.purpose,
      legalBasis: purpose.legalBasis,
      consentReference: purpose.consentReference,
      caseNumber: purpose.caseNumber,
      grants: grants?.map(({ id }) => id),
      ...this.#hiding(),
      operationName: this.#prepared?.name,
      operationHash: this.#prepared?.textHash ?? digestOf({ text: parameters.query, encoding: 'utf8' }),
      variablesDigest: variablesDigest(parameters.variables),
      policiesHash: this.#decidedBy?.policiesHash,
      rules: this.#decidedBy?.rules,
      supergraphHash,
      fetches: this.#asked.fetches(digests),
      fields: outcome === 'answered' ? fields : [],
      refused,
      answerDigest: this.#operation ? digests.of(this.#operation, body) : digestOf(body),
      answerBytes: body.encoding === 'latin1' ? body.text.length : Buffer.byteLength(body.text),
      durationMs: roundedMs(performance.now() - this.#beganMs),
      errorCodes: answer.errors && errorCodes(answer.errors),
    };
  }

  /** What was given and what was not, whatever the records decided among it. */
  get #seen(): Pick<RecordedOperation, 'fields' | 'refused'> {
    const { fields = [], refused = [] } = this.#operation ?? {};
    if (this.#decided.length === 0) return { fields, refused };
    const given = this.#decided.filter(({ outcome }) => outcome === 'ALLOW').map(({ coordinate }) => coordinate);
    const withheld = this.#decided.filter(({ outcome }) => outcome !== 'ALLOW');
    return { fields: [...new Set([...fields, ...given])], refused: [...refused, ...withheld] };
  }

  #hiding(): Pick<Draft, 'hiddenUntil' | 'hiddenReason'> | undefined {
    const hides = this.#decidedBy?.hides;
    // What is taken by breaking glass is shown at once, whatever else is asked with it.
    if (!hides || this.#caller.grants?.some(({ kind }) => kind === 'break-glass')) return undefined;
    const untilMs = Date.parse(this.#logTime) + hides.days * DAY_MS;
    return { hiddenUntil: new Date(untilMs).toISOString(), hiddenReason: hides.reason };
  }

  #outcome(answer: AnswerMessage): TrailEntry['outcome'] {
    if (!this.#operation) return answer.httpStatus >= 500 ? 'failed' : 'refused';
    const { fields, refused } = this.#seen;
    if (fields.length === 0 && refused.length > 0) return 'refused';
    return 'dataText' in answer || answer.data ? 'answered' : 'failed';
  }
}

/** @param found a type, then the JSON of a key, and so on */
function addNames(found: readonly string[], names: Set<string>): void {
  for (let at = 0; at < found.length; at += 2) {
    const name = nameByText(found[at]!, found[at + 1]!);
    if (name !== undefined) names.add(name);
  }
}

function variablesDigest(variables: RequestMessage['parameters']['variables']): string {
  return variables ? digestOf({ text: JSON.stringify(variables), encoding: 'utf8' }) : NO_VARIABLES;
}
