/** A row of the registry's crosswalk: what a place is called in another code system, and how that is known. */
export interface CrosswalkRow {
  system: 'ISO3' | 'ISO_NUMERIC' | 'GEC';
  code: string;
  iso: string;
  method: 'STATED' | 'SAME_BY_CONVENTION' | 'CORRECTED';
}

/** What CLDR's code mappings say of one territory. */
export interface CodeMapping {
  _numeric?: string | undefined;
  _alpha3?: string | undefined;
  _fips10?: string | undefined;
}

export interface Crosswalk {
  rows: CrosswalkRow[];
  /** ISO codes of places that GEC has no code for, or none that is theirs alone. */
  withoutGec: string[];
}

/**
 * Where CLDR is wrong. Its list stopped following FIPS 10-4 before the last codes were given out: it states the `RB` that
 * Serbia gave up in 2008, and is silent on the four places that came later. Silence means "the same letters", which
 * would make Sint Maarten South Georgia (`SX`) and Curaçao the Cook Islands (`CW`).
 */
const CORRECTED_GEC: Readonly<Record<string, string>> = { CW: 'UC', RS: 'RI', SS: 'OD', SX: 'NN', XK: 'KV' };

/**
 * Places that GEC does not list by themselves, so that "the same letters" would be an invented code or another place:
 * `AX` is Akrotiri and `BQ` Navassa Island in GEC; `TA` is part of Saint Helena (`SH`), and the outlying islands of `UM`
 * have a code each and none in common. Ascension (`AC`) needs no entry: its letters are Antigua's stated code.
 */
const NOT_IN_GEC: ReadonlySet<string> = new Set(['AX', 'BQ', 'TA', 'UM']);

/**
 * Makes the crosswalk of some places.
 *
 * What a code says of a part of a place is kept as the source states it: Gaza's `GZ` stands for `PS`, Svalbard's `SV`
 * for `SJ`; the other part (`WE`, `JN`) is not in the source and stays out.
 *
 * @throws Error when the source gives two places the same code of one system
 */
export function makeCrosswalk(isoCodes: readonly string[], mappings: Readonly<Record<string, CodeMapping>>): Crosswalk {
  const rows: CrosswalkRow[] = [];
  for (const iso of isoCodes) {
    const { _alpha3, _numeric } = mappings[iso] ?? {};
    if (_alpha3) rows.push({ system: 'ISO3', code: _alpha3, iso, method: 'STATED' });
    if (_numeric) rows.push({ system: 'ISO_NUMERIC', code: _numeric, iso, method: 'STATED' });
  }
  const gec = gecRows(isoCodes, mappings);
  rows.push(...gec);
  refuseSharedCodes(rows);
  const coded = new Set(gec.map((row) => row.iso));
  return { rows, withoutGec: isoCodes.filter((iso) => !coded.has(iso)) };
}

function gecRows(isoCodes: readonly string[], mappings: Readonly<Record<string, CodeMapping>>): CrosswalkRow[] {
  const known = isoCodes.flatMap((iso) => knownGec(iso, mappings[iso]));
  const taken = new Set(known.map((row) => row.code));
  const settled = new Set(known.map((row) => row.iso));
  const byConvention = isoCodes.filter(
    (iso) => mappings[iso] !== undefined && !settled.has(iso) && !taken.has(iso) && !NOT_IN_GEC.has(iso),
  );
  return [
    ...known,
    ...byConvention.map((iso): CrosswalkRow => ({ system: 'GEC', code: iso, iso, method: 'SAME_BY_CONVENTION' })),
  ];
}

function knownGec(iso: string, mapping: CodeMapping | undefined): CrosswalkRow[] {
  const corrected = CORRECTED_GEC[iso];
  if (corrected) return [{ system: 'GEC', code: corrected, iso, method: 'CORRECTED' }];
  return mapping?._fips10 ? [{ system: 'GEC', code: mapping._fips10, iso, method: 'STATED' }] : [];
}

function refuseSharedCodes(rows: readonly CrosswalkRow[]): void {
  const owners = new Map<string, string>();
  for (const { system, code, iso } of rows) {
    const owner = owners.get(`${system} ${code}`);
    if (owner)
      throw new Error(
        `The ${system} code ${code} leads to ${owner} and to ${iso}; the crosswalk must say which is right.`,
      );
    owners.set(`${system} ${code}`, iso);
  }
}
