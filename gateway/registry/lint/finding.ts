import type { LintRule } from '../../config/registry.ts';
import type { CompositionProblem } from '../../supergraph/composition.ts';

/** Something that a schema should not be like. */
export interface LintFinding {
  readonly rule: LintRule;
  readonly level: 'warn' | 'error';
  readonly message: string;
  /** `Type`, `Type.field`, `Type.field.argument` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly place: CompositionProblem['places'][number];
  readonly advice: string;
  /** False where it stood in the schema before, and what it is about was not touched. */
  readonly isNew: boolean;
}

/** Whoever goes on with what stood there before is not refused for it. */
export function isRefusing({ isNew, level }: LintFinding): boolean {
  return isNew && level === 'error';
}
