import type { Agreement, Disagreement } from './agreement.ts';
import type { FactEntry } from './fact-manifest.ts';
import type { Claim, ReadClaims } from './read-claims.ts';

const BECAUSE = {
  DIFFERENT_DEFINITION: 'they mean different things',
  DIFFERENT_VINTAGE: 'they speak of different times',
  CONFLICT: 'nothing that is known of them explains it',
} as const;

/** Says of two claims what each says, of which year, and what explains the difference. */
export function explainDisagreement(
  entry: FactEntry,
  { one, other, agreement, difference, explained }: Disagreement<Claim>,
): string {
  const unit = entry.number?.unit;
  const greater = Math.max(Math.abs(Number(one.value)), Math.abs(Number(other.value)));
  const by =
    difference === undefined || unit === undefined
      ? ''
      : ` The difference is ${short(difference)} ${unit}, ${short(Number(((100 * difference) / greater).toPrecision(3)))}%.`;
  const years =
    agreement === 'CONFLICT' && explained !== undefined && unit !== undefined
      ? ` Tolerance and years between them allow ${short(explained)} ${unit}.`
      : '';
  const meanings =
    agreement === 'DIFFERENT_DEFINITION'
      ? `. ${one.department}: ${entry.definitions[one.definition]} ${other.department}: ${entry.definitions[other.definition]}`
      : '.';
  return `${says(one, unit)}; ${says(other, unit)}.${by}${years} ${capital(BECAUSE[agreement])}${meanings}`;
}

/** Says what became of the claims about a fact. */
export function explainFact(
  entry: FactEntry,
  { claims, missing }: ReadClaims,
  { agreement, disagreements }: { agreement: Agreement; disagreements: readonly Disagreement<Claim>[] },
): string {
  const gravest = disagreements.find((each) => each.agreement === agreement);
  const absent = missing.map(({ department, reason }) => `${department} (${reason})`).join(', ');
  const without = absent === '' ? '' : ` Not among them: ${absent}.`;
  if (gravest) return `${explainDisagreement(entry, gravest)}${without}`;
  const departments = [...new Set(claims.map(({ department }) => department))];
  if (agreement === 'SINGLE')
    return `${departments[0]} alone is there: ${says(claims[0]!, entry.number?.unit)}.${without}`;
  return `${departments.join(' and ')} agree.${without}`;
}

function says({ department, value, vintage, vintageBasis, provenance }: Claim, unit: string | undefined): string {
  const source =
    provenance.source === null || provenance.source === department
      ? department
      : `${department} (${provenance.source})`;
  const time =
    vintage === null ? 'time unknown' : vintageBasis === 'DECLARED' ? `${vintage}, put down for it` : vintage;
  return `${source} says ${typeof value === 'number' ? short(value) : value}${unit === undefined ? '' : ` ${unit}`} (${time})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Six digits are what people compare. */
function short(value: number): string {
  if (Math.abs(value) >= 100_000) return Math.round(value).toLocaleString('en');
  return value.toLocaleString('en', { maximumSignificantDigits: 6 });
}
