/** A name as the identity office reads it, whoever wrote it. */
export interface ReadName {
  /** What tells one enterprise from another: compared letter by letter. */
  brand: string;
  /** What it does, word by word; clerks shorten these. One word for a Chinese name. */
  trade: readonly string[];
  /** The legal form; null where the clerk left it out. */
  form: Form | null;
}

export type Form = 'COMPANY' | 'GROUP' | 'CORPORATION' | 'PARTNERSHIP' | 'WORKS';

/** An address as the identity office reads it; null is a part that was not written. */
export interface ReadAddress {
  district: string | null;
  /** Name and kind of the road, the kind in full. */
  road: string;
  number: string;
  building: string | null;
  room: string | null;
}

/** What an address may say beside road and number. */
const PARTS = ['district', 'building', 'room'] as const;

/** The city all of this is about: its name in a firm's name or address tells nothing apart. */
const CITY = { latin: 'yunmei', han: '云湄' };

const HAN = /\p{Script=Han}/u;

const HAN_FORMS: readonly (readonly [string, Form])[] = [
  ['集团有限公司', 'GROUP'],
  ['股份有限公司', 'CORPORATION'],
  ['有限责任公司', 'COMPANY'],
  ['有限公司', 'COMPANY'],
  ['合伙企业', 'PARTNERSHIP'],
  ['厂', 'WORKS'],
];

const LATIN_FORMS: readonly (readonly [RegExp, Form])[] = [
  [/ group( co)?( ltd| limited)?$/, 'GROUP'],
  [/ (corporation|corp)$/, 'CORPORATION'],
  [/ (co|co ltd|ltd|co limited|limited)$/, 'COMPANY'],
  [/ partnership$/, 'PARTNERSHIP'],
  [/ works$/, 'WORKS'],
];

const ROAD_KINDS: Readonly<Record<string, string>> = { rd: 'road', st: 'street', ave: 'avenue', ln: 'lane' };

/** Reads a name; null where nothing is left to compare once city and form are taken out. */
export function readName(written: string): ReadName | null {
  const text = written.normalize('NFKC').toLowerCase();
  return HAN.test(text) ? readHanName(text) : readLatinName(text);
}

/** Reads an address; null where it does not say a road and a number. */
export function readAddress(written: string): ReadAddress | null {
  const text = written
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\([^)]*\)/g, ' ');
  return HAN.test(text) ? readHanAddress(text) : readLatinAddress(text);
}

/**
 * Whether two names can be one: the same brand, no other form, and the same words of trade, where one clerk may have
 * shortened a word (`mgmt`, `tech`) and another not.
 */
export function namesAgree(one: ReadName, other: ReadName): boolean {
  if (one.brand !== other.brand || one.trade.length !== other.trade.length) return false;
  if (one.form && other.form && one.form !== other.form) return false;
  return one.trade.every((word, at) => wordsAgree(word, other.trade[at]!));
}

/** Whether two addresses can be one: the same house, and nothing inside it that both say and say differently. */
export function addressesAgree(one: ReadAddress, other: ReadAddress): boolean {
  if (one.road !== other.road || one.number !== other.number) return false;
  return PARTS.every((part) => one[part] === null || other[part] === null || one[part] === other[part]);
}

/** How many of district, building and room only one of two agreeing addresses says. */
export function partsUnconfirmed(one: ReadAddress, other: ReadAddress): number {
  return PARTS.filter((part) => (one[part] === null) !== (other[part] === null)).length;
}

function readHanName(text: string): ReadName | null {
  const bare = text.replace(/\s|\([^)]*\)/g, '').replace(new RegExp(`^${CITY.han}市?`), '');
  const form = HAN_FORMS.find(([ending]) => bare.endsWith(ending));
  const core = form ? bare.slice(0, -form[0].length) : bare;
  // Brand and trade are written without a gap and never shortened: they are one.
  return core === '' ? null : { brand: core, trade: [], form: form?.[1] ?? null };
}

function readLatinName(text: string): ReadName | null {
  let words = ` ${text}`
    .replace(/\([^)]*\)/g, ' ')
    .replace(/[.,]/g, ' ')
    .replace(/&|\/|\band\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trimEnd();
  const form = LATIN_FORMS.find(([ending]) => ending.test(words));
  if (form) words = words.replace(form[0], '');
  const [brand, ...trade] = words.split(' ').filter((word) => word !== '' && word !== CITY.latin);
  return brand === undefined ? null : { brand, trade, form: form?.[1] ?? null };
}

/** A shortened word keeps its first letter and the order of the others: `mgmt` for `management`. */
function wordsAgree(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short === long) return true;
  if (short.length < 2 || short[0] !== long[0]) return false;
  let at = 0;
  for (const letter of long) if (letter === short[at]) at += 1;
  return at === short.length;
}

function readHanAddress(text: string): ReadAddress | null {
  const bare = text.replace(/\s/g, '').replace(new RegExp(`^${CITY.han}市?`), '');
  const found = /^(?:(\p{Script=Han}{2})区?)?(\p{Script=Han}{2}(?:路|街|大道|巷))(\d+)号(.*)$/u.exec(bare);
  if (!found) return null;
  const inside = found[4]!;
  const room = /-(\d+)室?$/.exec(inside) ?? /(\d+)室$/.exec(inside);
  const building = /^#?(\d+)(?:栋|幢|-|$)/.exec(inside);
  return {
    district: found[1] ?? null,
    road: found[2]!,
    number: found[3]!,
    building: building?.[1] ?? null,
    room: room?.[1] ?? null,
  };
}

function readLatinAddress(text: string): ReadAddress | null {
  let rest = ` ${text.replace(/[.,/]/g, ' ').replace(/\s+/g, ' ').trim()} `;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(rest);
    if (found) rest = rest.replace(found[0], ' ');
    return found;
  };
  const building = take(/ (?:building|bldg|b) ?(\d+)(?:-(\d+))? /);
  const room = take(/ (?:room|rm|r) ?(\d+) /);
  const road = take(/ ([a-z]+) (road|rd|street|st|avenue|ave|lane|ln) /);
  const number = take(/ (?:no )?(\d+) /);
  take(new RegExp(` ${CITY.latin} `));
  const district = take(/ ([a-z]+) (?:district|dist) /) ?? take(/ ([a-z]+) /);
  if (!road || !number) return null;
  return {
    district: district?.[1] ?? null,
    road: `${road[1]} ${ROAD_KINDS[road[2]!] ?? road[2]}`,
    number: number[1]!,
    building: building?.[1] ?? null,
    room: building?.[2] ?? room?.[1] ?? null,
  };
}
