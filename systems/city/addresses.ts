import { CITY, wordList, type EnterpriseName, type Word } from './names.ts';
import type { Random } from './random.ts';

/** An address in its parts, so that every system can write it in its own way. */
export interface Address {
  district: District;
  road: { name: Word; kind: RoadKind };
  number: number;
  /** Null where the house has no numbered buildings. */
  building: number | null;
  room: number | null;
}

export interface District {
  name: Word;
  /** Division code of the enterprises registered here: `99` and four digits, which no real place has. */
  code: string;
}

/** A kind of road: its word, the way it is shortened, its Chinese character. */
export interface RoadKind {
  latin: string;
  short: string;
  han: string;
}

const DISTRICTS: readonly District[] = wordList(
  'Donglin 东临,Xihe 西禾,Nanpu 南圃,Beiting 北汀,Qinghu 青斛,Jinque 金阙,Luoxi 洛汐,Hengtang 横棠,Fenggang 枫岗',
).map((name, at) => ({ name, code: `9901${String(at + 1).padStart(2, '0')}` }));

const ROAD_KINDS: readonly RoadKind[] = [
  { latin: 'Road', short: 'Rd', han: '路' },
  { latin: 'Street', short: 'St', han: '街' },
  { latin: 'Avenue', short: 'Ave', han: '大道' },
  { latin: 'Lane', short: 'Ln', han: '巷' },
];

const ROAD_STARTS = wordList('Xin 新,Chang 长,Yun 云,Ping 平,Gu 谷,Ban 板,Cui 翠,Lu 鹭,Song 松,Tao 陶,Bai 柏,Yin 银');
const ROAD_ENDS = wordList('he 禾,tan 潭,qiao 桥,an 安,xi 溪,men 门,feng 风,zhu 竹,shan 杉,du 渡');

/** Every road of the city; each lies in one district. */
const ROADS = ROAD_STARTS.flatMap((start) => ROAD_ENDS.map((end): Word => [start[0] + end[0], start[1] + end[1]])).map(
  (name, at) => ({
    name,
    kind: ROAD_KINDS[[0, 0, 0, 1, 1, 2, 3][at % 7]!]!,
    district: DISTRICTS[at % DISTRICTS.length]!,
  }),
);

/** An address somewhere in the city. */
export function makeAddress(random: Random): Address {
  const { district, name, kind } = random.pick(ROADS);
  const building = random.chance(0.6) ? random.whole(1, 18) : null;
  const room = building !== null || random.chance(0.4) ? random.whole(1, 24) * 100 + random.whole(1, 16) : null;
  return { district, road: { name, kind }, number: random.whole(1, 420), building, room };
}

/** The address as the register writes it, which is the address in full. */
export function registeredAddress(address: Address, script: EnterpriseName['script']): string {
  const { district, road, number, building, room } = address;
  if (script === 'han') {
    const house = `${CITY[1]}市${district.name[1]}区${road.name[1]}${road.kind.han}${number}号`;
    return house + (building === null ? '' : `${building}栋`) + (room === null ? '' : `${room}室`);
  }
  const parts = [`${number} ${road.name[0]} ${road.kind.latin}`, `${district.name[0]} District`, CITY[0]];
  if (building !== null) parts.unshift(`Building ${building}`);
  if (room !== null) parts.unshift(`Room ${room}`);
  return parts.join(', ');
}
