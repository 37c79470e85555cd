import { generateCity } from '../../systems/city/generate.ts';
import type { CityRecords } from '../../systems/city/records.ts';
import { linkRecords, type HandedInKey, type Link, type RecordSystem } from '../../systems/identity/link.ts';
import { feeds, rowsOf, type FeedRow } from './feeds.ts';

/** A city with the rows that dispatches would deliver of it, made without any department. */
export interface FusedCity {
  city: CityRecords;
  enterprises: FeedRow[];
  figures: FeedRow[];
}

/** Makes a city, has the identity office link its records, and reads rows out of it as they are read out of answers. */
export function fuseCity(settings: { seed: number; enterprises: number }): FusedCity {
  const city = generateCity({ ...settings, months: 24 });
  const links = Map.groupBy(linksOf(city), ({ uscc }) => uscc);
  const taxpayers = new Map(city.taxpayers.map((row) => [row.taxpayerId, row]));
  const units = new Map(city.insuredUnits.map((row) => [row.unitNo, row]));
  const customers = new Map(city.powerCustomers.map((row) => [row.customerNo, row]));
  const enterprises = city.enterprises.map((enterprise) => {
    const linked = (links.get(enterprise.uscc) ?? []).toSorted((a, b) => b.confidence - a.confidence);
    const keysOf = (system: RecordSystem): string[] =>
      linked.filter((link) => link.system === system).map(({ localKey }) => localKey);
    const taxpayer = taxpayers.get(keysOf('TAX')[0] ?? '');
    const unit = units.get(keysOf('SOCIAL_SECURITY')[0] ?? '');
    return {
      ...enterprise,
      legalRepresentative: { pid: enterprise.legalRepresentativePid },
      shareholders: enterprise.shareholders.map(({ enterpriseUscc: uscc, ...holder }) => ({
        ...holder,
        enterprise: uscc === null ? null : { uscc },
      })),
      identityLinks: linked,
      taxpayer: taxpayer && { ...taxpayer, invoices: newest(taxpayer.invoices, 6) },
      insuredUnit: unit && { ...unit, headcounts: newest(unit.headcounts, 12) },
      powerCustomers: keysOf('POWER')
        .toSorted()
        .map((key) => ({ customerNo: key, usage: newest(customers.get(key)!.usage, 6) })),
    };
  });
  return {
    city,
    enterprises: rowsOf(feeds.enterprise_record, { enterprises }),
    figures: rowsOf(feeds.published_figure, { bulletinFigures: figuresOf(city) }),
  };
}

function newest<Row>(rows: readonly Row[], count: number): Row[] {
  return rows.slice(-count).toReversed();
}

function linksOf(city: CityRecords): Link[] {
  const key = (system: RecordSystem, localKey: string, name: string, address: string): HandedInKey => ({
    ...{ system, localKey, name, address },
  });
  const register = city.enterprises.map(({ uscc, name, registeredAddress: address }) => ({ uscc, name, address }));
  return linkRecords(register, [
    ...city.taxpayers.map(({ taxpayerId, name, address }) => key('TAX', taxpayerId, name, address)),
    ...city.insuredUnits.map(({ unitNo, name, address }) => key('SOCIAL_SECURITY', unitNo, name, address)),
    ...city.powerCustomers.map(({ customerNo, name, meterAddress }) => key('POWER', customerNo, name, meterAddress)),
  ]).links;
}

/** How many active enterprises each section has, as the bulletin says it. */
function figuresOf({ enterprises }: CityRecords): object[] {
  const active = Map.groupBy(
    enterprises.filter(({ status }) => status === 'ACTIVE'),
    ({ industry }) => industry,
  );
  return [...active].map(([part, { length: value }]) => ({
    figureId: `active-enterprises:${part}:2026-09-30`,
    indicator: 'active-enterprises',
    name: 'Active enterprises',
    part,
    period: '2026-09-30',
    value,
    unit: 'enterprises',
  }));
}
