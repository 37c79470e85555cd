import { scattered } from './codes.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { INDUSTRIES } from './industries.ts';
import { makeName, personName, registeredName, type EnterpriseName } from './names.ts';
import { BLOCK_SIZE, WELL_KNOWN_AT } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { CourtRecord } from './records.ts';

/** A case and whom it is really against. */
export interface DrawnCase {
  record: CourtRecord;
  /** Null where the respondent is nobody of the register. */
  uscc: string | null;
}

const KINDS = ['CONTRACT', 'LABOUR', 'LEASE', 'ENFORCEMENT'] as const;
const STAGES = ['FILED', 'HEARD', 'DECIDED', 'ENFORCED'] as const;

/** Of a well-known enterprise one case is published and one is not. */
const WELL_KNOWN: readonly Partial<CourtRecord>[] = [
  { stage: 'DECIDED', published: true },
  { stage: 'FILED', published: false },
];
/** Cases in a block against somebody who is not in the register. */
const STRANGERS = 4;
const FIRST_STRANGER = 40_000_000;

/** The courts' cases, by number. Parties stand in them by name alone. */
export function casesOf(seed: number, enterprises: readonly Enterprise[]): DrawnCase[] {
  const cases = enterprises.flatMap((enterprise) => casesAgainst(seed, enterprise));
  for (let block = 0; block * BLOCK_SIZE < enterprises.length; block += 1) cases.push(...strangers(seed, block));
  return cases.toSorted((one, other) => (one.record.caseNo < other.record.caseNo ? -1 : 1));
}

function casesAgainst(seed: number, { index, name, uscc }: Enterprise): DrawnCase[] {
  const random = createRandom(seed, `courts/${index}`);
  const isWellKnown = index % BLOCK_SIZE === WELL_KNOWN_AT;
  const count = isWellKnown ? 2 : random.weighted([0, 1, 2], (cases) => [86, 10, 4][cases]!);
  return Array.from({ length: count }, (_, at) => {
    const respondent = asCourtsWriteIt(name, random);
    const record = makeCase(random, { number: index * 2 + at, respondent, script: name.script });
    return { record: isWellKnown ? { ...record, ...WELL_KNOWN[at] } : record, uscc };
  });
}

function strangers(seed: number, block: number): DrawnCase[] {
  const random = createRandom(seed, `courts/strangers/${block}`);
  return Array.from({ length: STRANGERS }, (_, at) => {
    const firm = makeName(random, random.pick(INDUSTRIES));
    const elsewhere = { ...firm, brand: [`${firm.brand[0]}overseas`, `${firm.brand[1]}海外`] as const };
    const respondent = at % 2 === 0 ? registeredName(elsewhere) : personName(random, firm.script);
    const number = FIRST_STRANGER + block * STRANGERS + at;
    return { record: makeCase(random, { number, respondent, script: firm.script }), uscc: null };
  });
}

function makeCase(
  random: Random,
  { number, respondent, script }: { number: number; respondent: string; script: EnterpriseName['script'] },
): CourtRecord {
  const kind = random.pick(KINDS);
  const stage = random.pick(STAGES);
  const year = random.whole(2023, 2026);
  const filedOn = `${year}-${two(random.whole(1, year === 2026 ? 8 : 12))}-${two(random.whole(1, 28))}`;
  const claimant = personName(random, script);
  const isDecided = stage === 'DECIDED' || stage === 'ENFORCED';
  const isPublished = random.chance(0.85);
  return {
    caseNo: `C${year}-${String(scattered(number, 100_000_000, 38_196_601, 577)).padStart(8, '0')}`,
    title: `${claimant} v ${respondent}`,
    kind,
    stage,
    filedOn: filedOn > TODAY ? TODAY : filedOn,
    published: isDecided && isPublished,
    claimant,
    respondent,
    amountCny: Math.round(random.around(180_000, 1.1) * 100) / 100,
  };
}

/** The name in full, as it stands in the register; now and then with two letters swapped. */
function asCourtsWriteIt(name: EnterpriseName, random: Random): string {
  const written = registeredName(name);
  const at = random.whole(1, Math.max(1, name.brand[0].length - 2));
  if (!random.chance(0.03) || name.script === 'han') return written;
  const [latin, han] = name.brand;
  const swapped = latin.slice(0, at) + latin[at + 1]! + latin[at]! + latin.slice(at + 2);
  return registeredName({ ...name, brand: [swapped, han] });
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}
