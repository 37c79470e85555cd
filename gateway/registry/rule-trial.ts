import type { FieldUse } from './usage.ts';
import type { PublishedRules } from './version.ts';

/** What other rules change about a field for somebody. */
export interface RuleEffect {
  /** `Type.field` */
  readonly coordinate: string;
  /** For whom: callers made up of what the rules look at. */
  readonly callers: readonly string[];
  /** What was decided before, and what is from now on: outcome and rule. */
  readonly before: string;
  readonly after: string;
  /** Which clients asked for the field lately. */
  readonly usedBy: readonly FieldUse[];
}

/** Rules before and after, and the graph that the latter are about. */
export interface RuleTrial {
  readonly before: readonly PublishedRules[];
  readonly after: readonly PublishedRules[];
  readonly supergraph: string;
}

/** What comes of rules: why they cannot be taken, or else what they change, but for who uses it. */
export interface TriedRules {
  readonly problems: readonly string[];
  readonly effects: readonly Omit<RuleEffect, 'usedBy'>[];
}
