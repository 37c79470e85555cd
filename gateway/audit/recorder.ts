import type { OperationDefinitionNode } from 'graphql';
import type { RequestMessage } from '../message.ts';
import { describeOperation, type DescribeContext, type RecordedOperation } from './recorded-operation.ts';
import { RequestRecord, type RecordParts } from './request-record.ts';

export interface RecorderOptions extends RecordParts {
  /** Access classes of which reading is recorded soon, rather than before the answer. */
  soonClasses: readonly string[];
}

/** Records requests in the trail: pure, but for the trail it is handed. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #soonClasses: ReadonlySet<string>;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#soonClasses = new Set(options.soonClasses);
  }

  /** Says of an operation what its records have in common, once for all of them. */
  describe(operation: OperationDefinitionNode, context: Omit<DescribeContext, 'soonClasses'>): RecordedOperation {
    return describeOperation(operation, { ...context, soonClasses: this.#soonClasses });
  }

  /** A record of a request that has just come. */
  begin(request: RequestMessage): RequestRecord {
    return new RequestRecord(request, this.#options);
  }
}
