import { scattered } from './codes.ts';
import { dayBefore } from './days.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { BLOCK_SIZE, WELL_KNOWN_AT } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { CustomsRecord } from './records.ts';

/** Sections of the industry classification that trade with other countries: trade and manufacturing. */
const TRADING = ['F', 'C'];
const DECLARATIONS = [0, 1, 2, 3];
const DECLARATION_WEIGHTS = [60, 22, 12, 6];
/** Chapters of the Harmonised System. */
const CHAPTERS = ['84', '85', '39', '61', '62', '73', '87', '90', '94'];
const DAY_MS = 86_400_000;

/** What enterprises declared to customs, with what customs said of it, by number. */
export function customsDeclarationsOf(seed: number, enterprises: readonly Enterprise[]): CustomsRecord[] {
  return enterprises
    .flatMap((enterprise) => {
      const random = createRandom(seed, `customs/${enterprise.index}`);
      const isWellKnown = enterprise.index % BLOCK_SIZE === WELL_KNOWN_AT;
      const drawn = random.weighted(DECLARATIONS, (count) => DECLARATION_WEIGHTS[count]!);
      const isTrading = isWellKnown || TRADING.includes(enterprise.industry.section);
      const count = isWellKnown ? Math.max(2, drawn) : drawn;
      return isTrading ? Array.from({ length: count }, (_, at) => makeDeclaration(enterprise, at, random)) : [];
    })
    .toSorted((one, other) => (one.declarationNo < other.declarationNo ? -1 : 1));
}

function makeDeclaration({ index, uscc, address }: Enterprise, at: number, random: Random): CustomsRecord {
  const declaredOn = dayBefore(TODAY, random.whole(1, 400));
  const sequence = String(scattered(index * 4 + at, 100_000_000, 41_421_356, 237)).padStart(8, '0');
  const body = String(scattered(index, 10_000, 7_321, 11)).padStart(4, '0');
  return {
    declarationNo: `D${declaredOn.slice(0, 4)}-${sequence}`,
    customsCode: `${address.district.code}${body}`,
    uscc,
    direction: random.pick(['IMPORT', 'EXPORT', 'EXPORT']),
    chapter: random.pick(CHAPTERS),
    valueCny: Math.round(random.around(260_000, 1) * 100) / 100,
    declaredOn,
    steps: stepsOf(declaredOn, random),
  };
}

function stepsOf(declaredOn: string, random: Random): CustomsRecord['steps'] {
  const statuses = (['DECLARED', 'INSPECTED', 'RELEASED'] as const).slice(0, random.whole(1, 3));
  let atMs = Date.parse(declaredOn) + random.whole(8, 17) * 3_600_000;
  return statuses.map((status) => {
    const step = { status, atMs };
    atMs += random.whole(1, 3) * DAY_MS;
    return step;
  });
}
