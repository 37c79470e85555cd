import { makeAddress, registeredAddress } from './addresses.ts';
import { TODAY, type Enterprise } from './enterprises.ts';
import { personName } from './names.ts';
import { createRandom, type Random } from './random.ts';
import type { PersonRecord } from './records.ts';

/** Weights of the first 17 digits of an identity number (GB 11643, ISO 7064 MOD 11-2). */
const IDENTITY_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const IDENTITY_CHECKS = '10X98765432';

/** The people who lead the city's enterprises, in the order in which they first do. */
export function peopleOf(seed: number, enterprises: readonly Enterprise[]): PersonRecord[] {
  const people = new Map<string, PersonRecord>();
  const taken = new Set<string>();
  for (const { legalRepresentativePid: pid, name } of enterprises)
    if (!people.has(pid))
      people.set(pid, makePerson(pid, name.script, { random: createRandom(seed, `person/${pid}`), taken }));
  return [...people.values()];
}

function makePerson(
  pid: string,
  script: 'latin' | 'han',
  { random, taken }: { random: Random; taken: Set<string> },
): PersonRecord {
  const name = personName(random, script);
  const year = Number(TODAY.slice(0, 4)) - random.whole(24, 71);
  const [month, day] = [random.whole(1, 12), random.whole(1, 28)].map((part) => String(part).padStart(2, '0'));
  const birthDate = `${year}-${month}-${day}`;
  const address = makeAddress(random);
  // Born in a division that no real place has.
  const bornThere = `${address.district.code}${birthDate.replaceAll('-', '')}`;
  const first17 = bornThere + freeSequence(bornThere, random.whole(1, 999), taken);
  return {
    pid,
    name,
    birthDate,
    idNumber: first17 + identityCheck(first17),
    address: registeredAddress(address, script),
  };
}

/** The number among those who were born there on that day: the wanted one, or the next that nobody has. */
function freeSequence(bornThere: string, wanted: number, taken: Set<string>): string {
  let sequence = wanted;
  const text = (): string => String(sequence).padStart(3, '0');
  while (taken.has(bornThere + text())) sequence = (sequence % 999) + 1;
  taken.add(bornThere + text());
  return text();
}

/** The check character of the first 17 digits of an identity number. */
export function identityCheck(first17: string): string {
  const sum = IDENTITY_WEIGHTS.reduce((total, weight, place) => total + weight * Number(first17[place]), 0);
  return IDENTITY_CHECKS[sum % 11]!;
}
