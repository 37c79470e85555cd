import type { TextComparison } from './compared-text.ts';
import { overlap, readSpan, yearsApart } from './vintage.ts';

/**
 * What becomes of the claims about one fact. Of two claims that differ the first of these that holds says why; of several pairs the
 * gravest says what becomes of the fact, in this order from the end.
 */
export const AGREEMENTS = ['AGREE', 'DIFFERENT_VINTAGE', 'DIFFERENT_DEFINITION', 'CONFLICT'] as const;
export type PairAgreement = (typeof AGREEMENTS)[number];
/** `SINGLE`: only one department says something. */
export type Agreement = PairAgreement | 'SINGLE';

/** What is compared of a claim. */
export interface ComparedClaim {
  /** Number of the department's entry among those of the fact: what one department says of several records is not compared. */
  readonly by: number;
  readonly value: number | string;
  /** Id of what the department means. */
  readonly definition: string;
  /** The time that the value speaks of; null where nobody knows. */
  readonly vintage: string | null;
}

/** A part of the greater of two values, or a number in the unit; where both are given the larger counts. */
export interface Margin {
  readonly relative: number;
  readonly absolute: number;
}

/** How values of a fact are compared. */
export type ComparisonRules =
  | {
      readonly kind: 'number';
      /** What two values may differ by and still be one. */
      readonly tolerance: Margin;
      /** What the truth may move by in a year; undefined: by anything. */
      readonly drift: Margin | undefined;
    }
  | { readonly kind: 'text'; readonly comparison: TextComparison }
  | { readonly kind: 'state' };

/** Two claims of different departments that are not one value. */
export interface Disagreement<Claim extends ComparedClaim> {
  readonly one: Claim;
  readonly other: Claim;
  readonly agreement: Exclude<PairAgreement, 'AGREE'>;
  /** Of numbers: in the fact's unit. */
  readonly difference: number | undefined;
  /** Of numbers: what tolerance and years together explain; undefined where that is anything, or the years are not known to differ. */
  readonly explained: number | undefined;
}

/**
 * Says what becomes of the claims about a fact.
 *
 * @param claims at least one
 */
export function judge<Claim extends ComparedClaim>(
  claims: readonly Claim[],
  rules: ComparisonRules,
): { agreement: Agreement; disagreements: Disagreement<Claim>[] } {
  const disagreements: Disagreement<Claim>[] = [];
  let gravest = 0;
  let pairs = 0;
  for (const [at, one] of claims.entries())
    for (const other of claims.slice(at + 1)) {
      if (one.by === other.by) continue;
      pairs += 1;
      const compared = compare(one, other, rules);
      gravest = Math.max(gravest, AGREEMENTS.indexOf(compared.agreement));
      if (compared.agreement !== 'AGREE')
        disagreements.push({ one, other, ...compared, agreement: compared.agreement });
    }
  return { agreement: pairs === 0 ? 'SINGLE' : AGREEMENTS[gravest]!, disagreements };
}

interface Compared {
  agreement: PairAgreement;
  difference: number | undefined;
  explained: number | undefined;
}

/**
 * Compares two claims. Within the tolerance they agree. Else, what they mean explains any difference; the times they speak of explain
 * one where both are known and have no day in common, up to what may have moved between them; and what nothing explains is a conflict.
 */
function compare(one: ComparedClaim, other: ComparedClaim, rules: ComparisonRules): Compared {
  const difference = rules.kind === 'number' ? Math.abs(Number(one.value) - Number(other.value)) : undefined;
  const compared = { difference, explained: undefined };
  if (isWithin(one.value, other.value, rules)) return { ...compared, agreement: 'AGREE' };
  if (one.definition !== other.definition) return { ...compared, agreement: 'DIFFERENT_DEFINITION' };
  const years = yearsBetween(one.vintage, other.vintage);
  if (years === undefined) return { ...compared, agreement: 'CONFLICT' };
  if (rules.kind !== 'number' || !rules.drift) return { ...compared, agreement: 'DIFFERENT_VINTAGE' };
  const greater = greaterOf(one.value, other.value);
  const explained = margin(rules.tolerance, greater) + years * margin(rules.drift, greater);
  return { difference, explained, agreement: difference! <= explained ? 'DIFFERENT_VINTAGE' : 'CONFLICT' };
}

function isWithin(one: number | string, other: number | string, rules: ComparisonRules): boolean {
  if (rules.kind === 'text') return rules.comparison.agree(String(one), String(other));
  if (rules.kind === 'state') return one === other;
  return Math.abs(Number(one) - Number(other)) <= margin(rules.tolerance, greaterOf(one, other));
}

function greaterOf(one: number | string, other: number | string): number {
  return Math.max(Math.abs(Number(one)), Math.abs(Number(other)));
}

function margin({ relative, absolute }: Margin, of: number): number {
  return Math.max(relative * of, absolute);
}

/** Years between the times that two values speak of; undefined where they are not known to be of different times. */
function yearsBetween(one: string | null, other: string | null): number | undefined {
  const [first, second] = [one, other].map((text) => (text === null ? undefined : readSpan(text)));
  return first && second && !overlap(first, second) ? yearsApart(first, second) : undefined;
}
