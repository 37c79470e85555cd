/** How a link from a GEC code to an ISO 3166-1 alpha-2 code was made. */
export type LinkMethod =
  /** CLDR's code mappings state it. */
  | 'STATED'
  /** The publisher's name of the place is the name of one ISO place and of no other. */
  | 'NAME'
  /** By hand, for a reason that is written down. */
  | 'MANUAL';

/** What a GEC code stands for in ISO 3166-1. */
export interface GecLink {
  /** Upper case, as in `GM`. */
  gec: string;
  iso: string;
  method: LinkMethod;
  /** Whether the names agree as well; true of every link made by name. */
  sameName: boolean;
  /** Why, of a link made by hand. */
  reason?: string;
}

/** Why a GEC code leads to no ISO place. */
export type UnlinkedKind = 'OCEAN' | 'WORLD' | 'UNION' | 'DISPUTED' | 'PART' | 'NO_ISO_CODE' | 'UNEXPLAINED';

export interface UnlinkedGec {
  gec: string;
  kind: UnlinkedKind;
  /** The ISO place it is a part of. Its figures are not that place's. */
  partOf?: string;
  reason: string;
}

export interface GecCrosswalk {
  links: ReadonlyMap<string, GecLink>;
  unlinked: readonly UnlinkedGec[];
}

/** A place as its publisher calls it. */
export interface NamedGec {
  gec: string;
  /** Short name before long; empty where the publisher gives none. */
  names: readonly string[];
}

/** What the links are made from. */
export interface CrosswalkSources {
  /** GEC code of each ISO code, where CLDR states one. */
  statedGec: ReadonlyMap<string, string>;
  /** English name of each ISO code. */
  isoNames: ReadonlyMap<string, string>;
}

type ByHand = { iso: string; reason: string } | Omit<UnlinkedGec, 'gec'>;

const OCEAN: ByHand = { kind: 'OCEAN', reason: 'An ocean; ISO 3166 has countries and their parts only.' };
const BASE: ByHand = { kind: 'NO_ISO_CODE', reason: 'A British base area on Cyprus; ISO 3166 has no code for it.' };

/**
 * What neither CLDR nor a name decides. Equal letters decide nothing: of the codes that are letters of an ISO code too,
 * 66 are another place. `CC` and `SK` are this publisher's file names for Curaçao and Sint Maarten, whose GEC codes are `UC`
 * and `NN`; in ISO they are Cocos and Slovakia.
 */
const BY_HAND: Readonly<Record<string, ByHand>> = {
  CC: { iso: 'CW', reason: 'The file has no name; its text begins with the settling of Curacao.' },
  SK: { iso: 'SX', reason: 'The file has no name; its text is the history of the Dutch half of Saint Martin.' },
  FM: { iso: 'FM', reason: 'Named Federated States of Micronesia; other sources leave out the form of government.' },
  MK: { iso: 'MK', reason: 'Named Macedonia, as North Macedonia was until 2019.' },
  SH: {
    iso: 'SH',
    reason: 'Named with all three parts of the territory, as ISO 3166 does; other sources name the first.',
  },
  XX: { kind: 'WORLD', reason: 'The world as a whole.' },
  EE: {
    kind: 'UNION',
    reason: 'The European Union; ISO 3166 reserves EU for it, and its members have codes of their own.',
  },
  OO: OCEAN,
  XO: OCEAN,
  XQ: OCEAN,
  ZH: OCEAN,
  ZN: OCEAN,
  PF: { kind: 'DISPUTED', reason: 'The Paracel Islands; claimed by three, without a code.' },
  PG: { kind: 'DISPUTED', reason: 'The Spratly Islands; claimed by six, without a code.' },
  AX: BASE,
  DX: BASE,
  GZ: {
    kind: 'PART',
    partOf: 'PS',
    reason: 'The Gaza Strip. CLDR states it for all of PS, but the figures are of a part.',
  },
  WE: { kind: 'PART', partOf: 'PS', reason: 'The West Bank, which with the Gaza Strip is PS.' },
  SV: { kind: 'PART', partOf: 'SJ', reason: 'Svalbard. CLDR states it for all of SJ, but the figures are of a part.' },
  JN: { kind: 'PART', partOf: 'SJ', reason: 'Jan Mayen, which with Svalbard is SJ.' },
  UM: { kind: 'PART', partOf: 'UM', reason: 'Seven islands; UM also holds Wake Island and Navassa Island.' },
  WQ: { kind: 'PART', partOf: 'UM', reason: 'Wake Island, one of the islands of UM.' },
  BQ: { kind: 'PART', partOf: 'UM', reason: 'Navassa Island, one of the islands of UM.' },
  AT: { kind: 'PART', partOf: 'AU', reason: 'Ashmore and Cartier Islands; ISO 3166 counts them as Australia.' },
  CR: { kind: 'PART', partOf: 'AU', reason: 'Coral Sea Islands; ISO 3166 counts them as Australia.' },
  IP: { kind: 'PART', partOf: 'FR', reason: 'Clipperton Island; ISO 3166 counts it as France.' },
};

/**
 * Links a publisher's GEC codes to ISO codes: by what CLDR states, by name, by hand. What none of the three explains is
 * listed as `UNEXPLAINED`, and has no link.
 *
 * @throws Error where CLDR and the name lead to two places, or two codes to one
 */
export function linkGecCodes(places: readonly NamedGec[], { statedGec, isoNames }: CrosswalkSources): GecCrosswalk {
  const isoOfGec = new Map([...statedGec].map(([iso, gec]) => [gec, iso]));
  const isoOfName = uniqueNames(isoNames);
  const links = new Map<string, GecLink>();
  const unlinked: UnlinkedGec[] = [];
  for (const { gec, names } of places) {
    const byHand = BY_HAND[gec];
    const named = names.map((name) => isoOfName.get(comparable(name))).find((iso) => iso !== undefined);
    if (byHand && 'kind' in byHand) unlinked.push({ gec, ...byHand });
    else if (byHand) links.set(gec, { gec, method: 'MANUAL', sameName: named === byHand.iso, ...byHand });
    else {
      const link = linkBySources(gec, isoOfGec.get(gec), named);
      if (link) links.set(gec, link);
      else unlinked.push({ gec, kind: 'UNEXPLAINED', reason: 'No source states it, and no name is the same.' });
    }
  }
  refuseSharedPlaces(links);
  return { links, unlinked };
}

/** A name without what differs by habit: accents, articles, `St.` for Saint, `&` for and, remarks in parentheses. */
export function comparable(name: string): string {
  return name
    .replace(/[(;].*$/, '')
    .normalize('NFD')
    .toLowerCase()
    .replace(/\bst\.? /g, 'saint ')
    .replace(/\b(?:the|and|of)\b|&/g, '')
    .replace(/[^a-z]/g, '');
}

function linkBySources(gec: string, stated: string | undefined, named: string | undefined): GecLink | null {
  if (stated !== undefined && named !== undefined && stated !== named)
    throw new Error(
      `GEC ${gec} is stated to be ${stated} and named like ${named}; the crosswalk must say which is right.`,
    );
  if (stated !== undefined) return { gec, iso: stated, method: 'STATED', sameName: named === stated };
  return named === undefined ? null : { gec, iso: named, method: 'NAME', sameName: true };
}

/** ISO codes by the name of their place as {@link comparable} has it; a name that two places share leads to none. */
export function uniqueNames(isoNames: ReadonlyMap<string, string>): Map<string, string> {
  const byName = Map.groupBy(isoNames, ([, name]) => comparable(name));
  const unique = new Map<string, string>();
  for (const [name, [first, ...others]] of byName) if (first && others.length === 0) unique.set(name, first[0]);
  return unique;
}

function refuseSharedPlaces(links: ReadonlyMap<string, GecLink>): void {
  const taken = new Map<string, string>();
  for (const { gec, iso } of links.values()) {
    const other = taken.get(iso);
    if (other !== undefined)
      throw new Error(`GEC ${other} and ${gec} both lead to ${iso}; one of them must be a part of it.`);
    taken.set(iso, gec);
  }
}
