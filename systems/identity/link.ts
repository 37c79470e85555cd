import { creditCodeCheck, CREDIT_CODE_ALPHABET, isCreditCode } from '../city/codes.ts';
import {
  addressesAgree,
  namesAgree,
  partsUnconfirmed,
  readAddress,
  readName,
  type ReadAddress,
  type ReadName,
} from './reading.ts';

export type RecordSystem = 'TAX' | 'SOCIAL_SECURITY' | 'POWER' | 'COURTS';

/** An enterprise of the register, as market regulation hands it in. */
export interface RegisteredEnterprise {
  uscc: string;
  name: string;
  address: string;
}

/** A key that a system handed in, with what its record says of whom it stands for. */
export interface HandedInKey {
  system: RecordSystem;
  localKey: string;
  name: string;
  address: string;
}

/** What a clerk found out about a key. */
export interface ManualDecision {
  system: RecordSystem;
  localKey: string;
  uscc: string;
}

export type LinkMethod = 'EXACT' | 'REPAIRED_CHECK' | 'NAME_ADDRESS' | 'NAME' | 'MANUAL';

/** A key, and the enterprise it stands for. */
export interface Link {
  system: RecordSystem;
  localKey: string;
  uscc: string;
  method: LinkMethod;
  /** From 0 to 1. */
  confidence: number;
}

export interface Linking {
  links: Link[];
  /** Keys that nothing explains, in the order in which they were handed in. */
  unresolved: HandedInKey[];
}

interface Candidate {
  uscc: string;
  name: ReadName | null;
  address: ReadAddress | null;
}

/** The register, ready to be asked by code, by house and by name. */
interface Index {
  byCode: ReadonlyMap<string, Candidate>;
  byHouse: ReadonlyMap<string, readonly Candidate[]>;
  byFullName: ReadonlyMap<string, readonly Candidate[]>;
}

type Found = Pick<Link, 'uscc' | 'method' | 'confidence'>;

/**
 * Finds out which enterprise each key stands for. A clerk's decision comes first, then a credit code in the key, then
 * a credit code with one wrong character, then name and address together; for parties before the courts, who have no
 * address there, the name in full. Where two enterprises fit, or the name fits
 * and the address does not, the key stays unresolved: a missing link can be made later, a wrong one is believed.
 */
export function linkRecords(
  register: readonly RegisteredEnterprise[],
  keys: readonly HandedInKey[],
  decisions: readonly ManualDecision[] = [],
): Linking {
  const index = indexOf(register);
  const decided = new Map(decisions.map((decision) => [`${decision.system} ${decision.localKey}`, decision.uscc]));
  const linking: Linking = { links: [], unresolved: [] };
  for (const key of keys) {
    const found =
      byDecision(decided.get(`${key.system} ${key.localKey}`), index) ??
      byKey(key, index) ??
      (key.system === 'COURTS' ? byFullName(key, index) : byNameAndAddress(key, index));
    if (found) linking.links.push({ system: key.system, localKey: key.localKey, ...found });
    else linking.unresolved.push(key);
  }
  return linking;
}

function indexOf(register: readonly RegisteredEnterprise[]): Index {
  const byCode = new Map<string, Candidate>();
  const byHouse = new Map<string, Candidate[]>();
  const byName = new Map<string, Candidate[]>();
  for (const { uscc, name, address } of register) {
    const candidate = { uscc, name: readName(name), address: readAddress(address) };
    byCode.set(uscc, candidate);
    addTo(byName, fullName(name), candidate);
    if (candidate.address) addTo(byHouse, houseOf(candidate.address), candidate);
  }
  return { byCode, byHouse, byFullName: byName };
}

function addTo(index: Map<string, Candidate[]>, entry: string, candidate: Candidate): void {
  const there = index.get(entry);
  if (there) there.push(candidate);
  else index.set(entry, [candidate]);
}

function houseOf({ road, number }: ReadAddress): string {
  return `${road} ${number}`;
}

/** A decision counts only while its enterprise is registered. */
function byDecision(uscc: string | undefined, { byCode }: Index): Found | null {
  return uscc !== undefined && byCode.has(uscc) ? { uscc, method: 'MANUAL', confidence: 0.99 } : null;
}

function byKey(key: HandedInKey, index: Index): Found | null {
  const code = key.localKey.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '');
  if (code.length !== 18) return null;
  if (isCreditCode(code)) return index.byCode.has(code) ? { uscc: code, method: 'EXACT', confidence: 1 } : null;
  return byRepairedCode(code, key, index);
}

/**
 * One wrong character can be any of the 18; at each place the check character allows exactly one other. If just one of
 * those codes is registered, and its name or its address is the record's too, that is the enterprise.
 */
function byRepairedCode(code: string, key: HandedInKey, { byCode }: Index): Found | null {
  const registered = repairsOf(code).filter((repaired) => byCode.has(repaired));
  if (registered.length !== 1) return null;
  const candidate = byCode.get(registered[0]!)!;
  const name = readName(key.name);
  const address = readAddress(key.address);
  const sameName = name !== null && candidate.name !== null && namesAgree(name, candidate.name);
  const sameAddress = address !== null && candidate.address !== null && addressesAgree(address, candidate.address);
  if (!sameName && !sameAddress) return null;
  return { uscc: candidate.uscc, method: 'REPAIRED_CHECK', confidence: sameName && sameAddress ? 0.98 : 0.9 };
}

function repairsOf(code: string): string[] {
  const repairs: string[] = [];
  for (let place = 0; place < 18; place += 1) {
    const [before, after] = [code.slice(0, place), code.slice(place + 1)];
    for (const character of CREDIT_CODE_ALPHABET) {
      const repaired = before + character + after;
      if (repaired !== code && creditCodeCheck(repaired.slice(0, 17)) === repaired[17]) repairs.push(repaired);
    }
  }
  return repairs;
}

function byNameAndAddress(key: HandedInKey, { byHouse }: Index): Found | null {
  const name = readName(key.name);
  const address = readAddress(key.address);
  if (!name || !address) return null;
  const fitting = (byHouse.get(houseOf(address)) ?? []).filter(
    (candidate) => candidate.name && namesAgree(name, candidate.name) && addressesAgree(address, candidate.address!),
  );
  if (fitting.length !== 1) return null;
  const { uscc, address: registered } = fitting[0]!;
  const confidence = Math.round((0.96 - 0.03 * partsUnconfirmed(address, registered!)) * 100) / 100;
  return { uscc, method: 'NAME_ADDRESS', confidence };
}

/** Courts write a party's name as the register has it: one that two enterprises have is nobody's. */
function byFullName(key: HandedInKey, { byFullName: byName }: Index): Found | null {
  const fitting = byName.get(fullName(key.name)) ?? [];
  return fitting.length === 1 ? { uscc: fitting[0]!.uscc, method: 'NAME', confidence: 0.85 } : null;
}

function fullName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
