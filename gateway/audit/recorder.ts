import type { OperationDefinitionNode } from 'graphql';
import type { RequestMessage } from '../message.ts';
import { Digests } from './digest.ts';
import { describeOperation, type DescribeContext, type RecordedOperation } from './recorded-operation.ts';
import type { ServedSupergraph } from '../supergraph/load.ts';
import { subjectTypes, type SubjectTypes } from '../supergraph/subject-types.ts';
import { RequestRecord, type RecordParts } from './request-record.ts';
import { SubjectFinder } from './subject-finder.ts';

export interface RecorderOptions extends Pick<RecordParts, 'trail'> {
  supergraph: Pick<ServedSupergraph, 'hash' | 'fullSchema' | 'apiSchema' | 'entityKeys' | 'access'>;
  /** See the setting `audit.subjectClaims`. */
  subjectClaims: Readonly<Record<string, string>>;
  /** Access classes of which reading is recorded soon, rather than before the answer. */
  soonClasses: readonly string[];
}

/** Records requests in the trail: pure, but for the trail it is handed. */
export class Recorder {
  /** Whom requests are about: their keys are to be asked for. */
  readonly subjects: SubjectTypes;
  readonly #parts: RecordParts;
  readonly #soonClasses: ReadonlySet<string>;

  constructor({ trail, supergraph, subjectClaims, soonClasses }: RecorderOptions) {
    this.subjects = subjectTypes(supergraph, subjectClaims);
    const finder = new SubjectFinder(supergraph.fullSchema, this.subjects);
    this.#parts = { trail, supergraphHash: supergraph.hash, digests: new Digests(), finder };
    this.#soonClasses = new Set(soonClasses);
  }

  /** Says of an operation what its records have in common, once for all of them. */
  describe(operation: OperationDefinitionNode, context: Omit<DescribeContext, 'soonClasses'>): RecordedOperation {
    return describeOperation(operation, { ...context, soonClasses: this.#soonClasses });
  }

  /** A record of a request that has just come. */
  begin(request: RequestMessage): RequestRecord {
    return new RequestRecord(request, this.#parts);
  }
}
