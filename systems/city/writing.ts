import type { Address } from './addresses.ts';
import { CITY, type EnterpriseName } from './names.ts';
import type { Random } from './random.ts';

/** How one of the systems writes what its clerks were told. */
export interface Hand {
  name(name: EnterpriseName, random: Random): string;
  address(address: Address, script: EnterpriseName['script'], random: Random): string;
}

/** Words the clerks shorten. */
const SHORT_WORDS: Readonly<Record<string, string>> = {
  Advertising: 'Adv',
  Agricultural: 'Agri',
  Commercial: 'Comm',
  Construction: 'Constr',
  Consulting: 'Consult',
  Decoration: 'Deco',
  Development: 'Dev',
  Electronics: 'Electr',
  Engineering: 'Eng',
  Environmental: 'Env',
  Information: 'Info',
  Logistics: 'Logis',
  Machinery: 'Mach',
  Management: 'Mgmt',
  Manufacturing: 'Mfg',
  Materials: 'Matls',
  Products: 'Prod',
  Services: 'Svcs',
  Software: 'Sw',
  Technology: 'Tech',
  Trading: 'Trdg',
};

/** The tax system: capitals, from the room up to the district, punctuation left out. */
export const taxHand: Hand = {
  name(name, random) {
    const written = misspell(name, random, 0.01);
    if (name.script === 'han') return hanName(written, { bracket: '（）', city: true, form: !random.chance(0.02) });
    const form =
      { 'Co., Ltd.': 'CO LTD', 'Group Co., Ltd.': 'GROUP CO LTD', Corporation: 'CORP' }[name.form[0]] ?? name.form[0];
    const trade = shorten(name.trade[0], random, 0.3).replace(' and ', ' & ');
    return `${cityFirst(written)} ${trade} ${random.chance(0.03) ? '' : form}`.trim().toUpperCase();
  },
  address(address, script, random) {
    const { district, road, number, building, room } = drop(address, random, { room: 0.06, building: 0.02 });
    const named = !random.chance(0.05);
    if (script === 'han') {
      const inBuilding = counted(building, '幢') + counted(room, '室');
      return `${named ? `${district.name[1]}区` : ''}${road.name[1]}${road.kind.han}${number}号${inBuilding}`;
    }
    const parts = [`NO ${number} ${road.name[0]} ${road.kind.short}`];
    if (building !== null) parts.unshift(`BLDG ${building}`);
    if (room !== null) parts.unshift(`RM ${room}`);
    if (named) parts.push(`${district.name[0]} DIST`);
    return parts.join(' ').toUpperCase();
  },
};

/** Social security: the city left out, addresses from the district down. */
export const socialSecurityHand: Hand = {
  name(name, random) {
    const written = misspell(name, random, 0.012);
    const withCity = random.chance(0.3);
    if (name.script === 'han') return hanName(written, { bracket: '()', city: withCity, form: !random.chance(0.08) });
    const form = random.chance(0.12)
      ? ''
      : name.form[0].replace('Co., Ltd.', random.pick(['Ltd', 'Co. Ltd.', 'Limited']));
    const brand = withCity ? cityFirst(written) : written.brand[0];
    return `${brand} ${shorten(name.trade[0], random, 0.15)} ${form}`.trim();
  },
  address(address, script, random) {
    const { district, road, number, building, room } = drop(address, random, { room: 0.1, building: 0.05 });
    if (script === 'han') {
      const inside =
        building !== null && room !== null ? `${building}-${room}` : counted(building, '栋') + counted(room, '室');
      return `${district.name[1]}区${road.name[1]}${road.kind.han}${number}号${inside}`;
    }
    const inside =
      building !== null && room !== null
        ? `, Bldg. ${building}-${room}`
        : signed(building, ', Bldg. ') + signed(room, ', Rm. ');
    return `${district.name[0]} Dist., ${road.name[0]} ${road.kind.latin} ${number}${inside}`;
  },
};

/** The power company: capitals or full-width figures, slashes, and a word on which meter it is. */
export const powerHand: Hand = {
  name(name, random) {
    const written = misspell(name, random, 0.015);
    if (name.script === 'han')
      return hanName(written, { bracket: '（）', city: random.chance(0.4), form: random.chance(0.7) });
    const form = random.chance(0.5) ? '' : name.form[0].replace('Co., Ltd.', 'CO').replace('Corporation', 'CORP');
    const brand = random.chance(0.4) ? cityFirst(written) : written.brand[0];
    return `${brand} ${shorten(name.trade[0], random, 0.6).replace(' and ', '/')} ${form}`.trim().toUpperCase();
  },
  address(address, script, random) {
    const { district, road, number, building, room } = drop(address, random, { room: 0.22, building: 0.06 });
    const named = !random.chance(0.25);
    if (script === 'han') {
      const inside = signed(building, '＃') + signed(room, '－');
      return `${named ? district.name[1] : ''}${road.name[1]}${road.kind.han}${fullWidth(`${number}号`)}${fullWidth(inside)}`;
    }
    const parts = [`${road.name[0]} ${road.kind.short} ${number}`];
    if (named) parts.unshift(district.name[0]);
    if (building !== null) parts.push(`B${building}`);
    if (room !== null) parts.push(`R${room}`);
    return parts.join('/').toUpperCase();
  },
};

/** What the power company adds where a customer has more than one meter. */
export function meterRemark(meter: number, script: EnterpriseName['script']): string {
  return script === 'han' ? `（${['主表', '副表', '备用'][meter]}）` : ` (${['MAIN', 'SECOND', 'RESERVE'][meter]})`;
}

function cityFirst({ city, brand }: EnterpriseName): string {
  return city === 'none' ? brand[0] : `${CITY[0]} ${brand[0]}`;
}

function hanName(
  { city, brand, trade, form }: EnterpriseName,
  write: { bracket: string; city: boolean; form: boolean },
): string {
  const front = write.city && city === 'front' ? CITY[1] : '';
  const bracket = write.city && city === 'bracket' ? write.bracket[0]! + CITY[1] + write.bracket[1]! : '';
  return front + brand[1] + bracket + trade[1] + (write.form ? form[1] : '');
}

/** Swaps two neighbours of the brand, as a tired clerk does. */
function misspell(name: EnterpriseName, random: Random, probability: number): EnterpriseName {
  const hit = random.chance(probability);
  const at = random.whole(1, name.brand[0].length - 2);
  if (!hit || name.script === 'han') return name;
  const [latin, han] = name.brand;
  return { ...name, brand: [latin.slice(0, at) + latin[at + 1]! + latin[at]! + latin.slice(at + 2), han] };
}

function shorten(words: string, random: Random, probability: number): string {
  const shortened = random.chance(probability);
  if (!shortened) return words;
  return words
    .split(' ')
    .map((word) => SHORT_WORDS[word] ?? word)
    .join(' ');
}

function drop(address: Address, random: Random, odds: { room: number; building: number }): Address {
  const withoutRoom = random.chance(odds.room);
  const withoutBuilding = random.chance(odds.building);
  return {
    ...address,
    room: withoutRoom || withoutBuilding ? null : address.room,
    building: withoutBuilding ? null : address.building,
  };
}

/** A part that is written before its sign, or nothing. */
function counted(part: number | null, sign: string): string {
  return part === null ? '' : `${part}${sign}`;
}

/** A part that is written after its sign, or nothing. */
function signed(part: number | null, sign: string): string {
  return part === null ? '' : `${sign}${part}`;
}

function fullWidth(text: string): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
}
