import { describe, expect, test } from 'vitest';
import { checkDigit, creditCode, isCreditCode, registrationNumber } from '../../systems/city/codes.ts';
import { generateCity } from '../../systems/city/generate.ts';
import { identityCheck } from '../../systems/city/people.ts';
import type { CityRecords, MarketRecord } from '../../systems/city/records.ts';

const city = generateCity();

/** The enterprise that saved operations ask for by default. */
const SAMPLE_USCC = '91990104MA95YFB981';

test('a city has 5,000 enterprises and 24 months that end with September 2026', () => {
  expect(city.enterprises).toHaveLength(5_000);
  expect(city.months).toHaveLength(24);
  expect([city.months[0], city.months[23]]).toEqual(['2024-10', '2026-09']);
});

test('the same settings give the same city, and another seed gives another', () => {
  const small = (seed: number) => JSON.stringify(generateCity({ seed, enterprises: 300, months: 6 }));
  expect(small(7)).toBe(small(7));
  expect(small(8)).not.toBe(small(7));
});

test('a larger city begins with the enterprises of a smaller one, and more months end with the fewer', () => {
  const small = generateCity({ enterprises: 300, months: 6 });
  expect(city.enterprises.slice(0, 300)).toEqual(small.enterprises);
  const bills = new Map(city.powerCustomers.map(({ customerNo, usage }) => [customerNo, usage]));
  const linked = small.truth.links.filter(({ system }) => system === 'POWER').map(({ localKey }) => localKey);
  for (const { customerNo, usage } of small.powerCustomers.filter((row) => linked.includes(row.customerNo))) {
    expect(bills.get(customerNo)?.filter(({ month }) => month >= '2026-04')).toEqual(usage);
  }
});

test.each([{ enterprises: 0 }, { enterprises: 1.5 }, { months: 61 }, { months: 0 }, { seed: -1 }])(
  'a city of %j is refused',
  (settings) => {
    expect(() => generateCity(settings)).toThrow(RangeError);
  },
);

describe('codes', () => {
  // Codes of real bodies that public validators of these codes test themselves with.
  test.each(['91350100M000100Y43', '91110000600037341L', '91110108551385082Q'])('%s is a credit code', (code) => {
    expect(isCreditCode(code)).toBe(true);
  });

  test.each(['91350100M000100Y44', '91350100M000100Y4', 'I1350100M000100Y43', '', '91350100M000100Y433'])(
    '%j is no credit code',
    (code) => {
      expect(isCreditCode(code)).toBe(false);
    },
  );

  test('every enterprise has a credit code of its own that checks, of a division that no real place has', () => {
    for (const { uscc } of city.enterprises) {
      expect(isCreditCode(uscc)).toBe(true);
      expect(uscc.slice(2, 8)).toMatch(/^99\d{4}$/);
    }
    expect(new Set(city.enterprises.map(({ uscc }) => uscc)).size).toBe(5_000);
  });

  test('every enterprise has an old number of its own, 15 digits', () => {
    for (const { regNo } of city.enterprises) expect(regNo).toMatch(/^99\d{13}$/);
    expect(new Set(city.enterprises.map(({ regNo }) => regNo)).size).toBe(5_000);
  });

  test('one wrong character is noticed at every place', () => {
    const code = creditCode('990101', 'MA00H8C1');
    for (let place = 0; place < 18; place += 1) {
      const wrong = code[place] === '7' ? '8' : '7';
      expect(isCreditCode(code.slice(0, place) + wrong + code.slice(place + 1))).toBe(false);
    }
  });

  test.each(['07945', '794623', '002006673085'])('%s ends in its check digit', (digits) => {
    expect(checkDigit(digits.slice(0, -1))).toBe(digits.at(-1));
  });

  test('an old number ends in its check digit', () => {
    expect(registrationNumber('990101', 12_345_678)).toBe(`99010112345678${checkDigit('99010112345678')}`);
  });
});

describe('keys of the systems', () => {
  test('no system gives a key twice', () => {
    for (const keys of [
      city.taxpayers.map(({ taxpayerId }) => taxpayerId),
      city.insuredUnits.map(({ unitNo }) => unitNo),
      city.powerCustomers.map(({ customerNo }) => customerNo),
      city.powerCustomers.flatMap(({ applications }) => applications.map(({ applicationNo }) => applicationNo)),
    ]) {
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('a tenth of tax numbers is hyphenated and about one in a hundred is mistyped', () => {
    const links = city.truth.links.filter(({ system }) => system === 'TAX');
    const hyphenated = links.filter(({ localKey }) => localKey.includes('-')).length / links.length;
    const mistyped = links.filter(({ localKey, uscc }) => localKey.replaceAll('-', '') !== uscc).length / links.length;
    expect(hyphenated).toBeGreaterThan(0.085);
    expect(hyphenated).toBeLessThan(0.115);
    expect(mistyped).toBeGreaterThan(0.005);
    expect(mistyped).toBeLessThan(0.015);
  });

  test('some units have the old number of an enterprise that they are not', () => {
    const byRegNo = new Map(city.enterprises.map(({ regNo, uscc }) => [regNo, uscc]));
    const traps = city.truth.links.filter(({ system, localKey }) => system !== 'TAX' && byRegNo.has(localKey));
    expect(traps.length).toBeGreaterThanOrEqual(15);
    for (const { localKey, uscc } of traps) expect(byRegNo.get(localKey)).not.toBe(uscc);
  });

  test('a few percent of the keys stand for nobody, and the truth knows only keys and enterprises that exist', () => {
    const keys = new Set([
      ...city.taxpayers.map(({ taxpayerId }) => `TAX ${taxpayerId}`),
      ...city.insuredUnits.map(({ unitNo }) => `SOCIAL_SECURITY ${unitNo}`),
      ...city.powerCustomers.map(({ customerNo }) => `POWER ${customerNo}`),
      ...city.courtCases.map(({ caseNo }) => `COURTS ${caseNo}`),
    ]);
    const registered = new Set(city.enterprises.map(({ uscc }) => uscc));
    for (const { system, localKey, uscc } of city.truth.links) {
      expect(keys.delete(`${system} ${localKey}`)).toBe(true);
      expect(registered.has(uscc)).toBe(true);
    }
    const nobodies = Map.groupBy(keys, (key) => key.split(' ')[0]!);
    expect(nobodies.get('TAX')!.length).toBeGreaterThan(100);
    expect(nobodies.get('SOCIAL_SECURITY')!.length).toBeGreaterThan(100);
    expect(nobodies.get('POWER')!.length).toBeGreaterThan(200);
  });

  test('the order of a system’s keys does not follow the register', () => {
    const orderOf = new Map(city.enterprises.map(({ uscc }, at) => [uscc, at]));
    const places = city.truth.links
      .filter(({ system }) => system === 'SOCIAL_SECURITY')
      .toSorted((a, b) => (a.localKey < b.localKey ? -1 : 1))
      .map(({ uscc }) => orderOf.get(uscc)!);
    const rising = places.filter((place, at) => at > 0 && place > places[at - 1]!).length / places.length;
    expect(rising).toBeGreaterThan(0.3);
    expect(rising).toBeLessThan(0.7);
  });

  test('names occur twice now and then, and every system writes in a hand of its own', () => {
    expect(5_000 - new Set(city.enterprises.map(({ name }) => name)).size).toBeGreaterThan(20);
    const names = new Set(city.enterprises.map(({ name }) => name));
    const asRegistered = (rows: { name: string }[]) => rows.filter(({ name }) => names.has(name)).length / rows.length;
    for (const rows of [city.taxpayers, city.insuredUnits, city.powerCustomers]) {
      expect(asRegistered(rows)).toBeLessThan(0.4);
    }
  });
});

describe('people, the hotline and the courts', () => {
  test('everyone who leads an enterprise is a person, once, with an identity number that checks', () => {
    const led = new Set(city.enterprises.map(({ legalRepresentativePid }) => legalRepresentativePid));
    expect(new Set(city.people.map(({ pid }) => pid))).toEqual(led);
    expect(new Set(city.people.map(({ idNumber }) => idNumber)).size).toBe(city.people.length);
    for (const { idNumber, birthDate } of city.people) {
      expect(idNumber).toMatch(/^99\d{15}[\dX]$/);
      expect(idNumber.slice(6, 14)).toBe(birthDate.replaceAll('-', ''));
      expect(identityCheck(idNumber.slice(0, 17))).toBe(idNumber[17]);
    }
  });

  // Of the standard's own example.
  test('an identity number ends in its check character', () => {
    expect(identityCheck('11010519491231002')).toBe('X');
  });

  test('some events of the hotline name an enterprise of the register, and some do not', () => {
    const registered = new Set(city.enterprises.map(({ uscc }) => uscc));
    const named = city.hotlineEvents.filter(({ uscc }) => uscc !== null);
    for (const { uscc } of named) expect(registered.has(uscc!)).toBe(true);
    expect(named.length).toBeGreaterThan(1_000);
    expect(city.hotlineEvents.length - named.length).toBeGreaterThan(200);
    expect(new Set(city.hotlineEvents.map(({ eventNo }) => eventNo)).size).toBe(city.hotlineEvents.length);
  });

  test('the sample enterprise has a hotline event, and a case that is published beside one that is not', () => {
    expect(city.hotlineEvents.some(({ uscc }) => uscc === SAMPLE_USCC)).toBe(true);
    const cases = new Set(
      city.truth.links
        .filter(({ system, uscc }) => system === 'COURTS' && uscc === SAMPLE_USCC)
        .map((link) => link.localKey),
    );
    const published = city.courtCases.filter(({ caseNo }) => cases.has(caseNo)).map((record) => record.published);
    expect(new Set(published)).toEqual(new Set([false, true]));
  });
});

describe('what is planted', () => {
  test('60 shells and 40 look-alikes, eight of each reason', () => {
    expect(new Set(city.truth.shells).size).toBe(60);
    const reasons = Map.groupBy(city.truth.lookAlikes, ({ reason }) => reason);
    expect([...reasons.values()].map((planted) => planted.length)).toEqual([8, 8, 8, 8, 8]);
    const shells = new Set(city.truth.shells);
    expect(city.truth.lookAlikes.filter(({ uscc }) => shells.has(uscc))).toEqual([]);
  });

  test('a small city has its share', () => {
    const { truth } = generateCity({ enterprises: 500 });
    expect([truth.shells.length, truth.lookAlikes.length]).toEqual([6, 4]);
  });

  test('a plain rule finds every shell, and takes some look-alikes for one', () => {
    const suspects = suspectedShells(city).map(({ uscc }) => uscc);
    const shells = new Set(city.truth.shells);
    const lookAlikes = new Set(city.truth.lookAlikes.map(({ uscc }) => uscc));
    expect(suspects.filter((uscc) => shells.has(uscc))).toHaveLength(60);
    expect(suspects.filter((uscc) => lookAlikes.has(uscc)).length).toBeGreaterThan(10);
    expect(suspects.filter((uscc) => !shells.has(uscc) && !lookAlikes.has(uscc)).length).toBeLessThan(5);
  });

  test('the reason of a look-alike shows in the records', () => {
    const planted = (reason: string) => {
      const usccs = new Set(city.truth.lookAlikes.filter((row) => row.reason === reason).map(({ uscc }) => uscc));
      return city.enterprises.filter(({ uscc }) => usccs.has(uscc));
    };
    const owners = new Set(city.enterprises.flatMap((row) => row.shareholders.map((holder) => holder.enterpriseUscc)));
    const powered = new Set(city.truth.links.filter(({ system }) => system === 'POWER').map(({ uscc }) => uscc));
    expect(planted('HOLDING').filter(({ uscc }) => owners.has(uscc))).toHaveLength(8);
    expect(planted('NEW').filter(({ establishedOn }) => establishedOn > '2026-07-02')).toHaveLength(8);
    expect(planted('LANDLORD_METER').filter(({ uscc }) => !powered.has(uscc))).toHaveLength(8);
    const ownedWhole = planted('PARENT_PAYROLL').filter(
      ({ shareholders: [owner] }) => owner?.sharePercent === 100 && owner.enterpriseUscc !== null,
    );
    expect(ownedWhole).toHaveLength(8);
    const seasonal = new Set(
      measured(city)
        .filter(({ insured }) => insured === 0)
        .map(({ enterprise }) => enterprise.uscc),
    );
    expect(planted('SEASONAL').filter(({ uscc }) => seasonal.has(uscc))).toHaveLength(8);
  });
});

test('power, headcount and revenue go with the industry and with each other', () => {
  const rows = measured(city).filter(
    ({ enterprise, insured, kwh, invoices }) =>
      enterprise.status === 'ACTIVE' && insured > 0 && kwh > 0 && invoices > 0,
  );
  const medianKwh = (section: string) =>
    median(rows.filter(({ enterprise }) => enterprise.industry === section).map(({ kwh }) => kwh));
  expect(medianKwh('C')).toBeGreaterThan(5 * medianKwh('L'));
  expect(medianKwh('H')).toBeGreaterThan(2 * medianKwh('F'));
  const makers = rows.filter(({ enterprise }) => enterprise.industry === 'C');
  expect(
    correlation(
      makers.map(({ insured }) => Math.log(insured)),
      makers.map(({ kwh }) => Math.log(kwh)),
    ),
  ).toBeGreaterThan(0.8);
  expect(
    correlation(
      makers.map(({ insured }) => Math.log(insured)),
      makers.map(({ invoices }) => Math.log(invoices)),
    ),
  ).toBeGreaterThan(0.8);
});

test('shares of an enterprise add up to a hundred, and holders that are enterprises are registered', () => {
  const registered = new Set(city.enterprises.map(({ uscc }) => uscc));
  for (const { shareholders, uscc } of city.enterprises) {
    expect(shareholders.reduce((sum, { sharePercent }) => sum + sharePercent, 0)).toBe(100);
    for (const { enterpriseUscc } of shareholders) {
      if (enterpriseUscc !== null) expect(registered.has(enterpriseUscc) && enterpriseUscc !== uscc).toBe(true);
    }
  }
});

test.each([100, 300, 5_000])(
  'the sample enterprise is in a city of %i, known to all systems, with two meters',
  (enterprises) => {
    const { enterprises: register, truth } = generateCity({ enterprises, months: 3 });
    expect(register.find(({ uscc }) => uscc === SAMPLE_USCC)).toMatchObject({ status: 'ACTIVE' });
    const systems = truth.links.filter(({ uscc }) => uscc === SAMPLE_USCC).map(({ system }) => system);
    expect(systems.toSorted()).toEqual(['COURTS', 'COURTS', 'POWER', 'POWER', 'SOCIAL_SECURITY', 'TAX']);
  },
);

interface Measured {
  enterprise: MarketRecord;
  /** The most of the last six months. */
  insured: number;
  /** A month of the last six. */
  kwh: number;
  /** The last six months. */
  invoices: number;
}

function measured({ months, enterprises, taxpayers, insuredUnits, powerCustomers, truth }: CityRecords): Measured[] {
  const since = months.at(-6)!;
  const of = <T>(system: string, rows: readonly T[], keyOf: (row: T) => string) => {
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    const links = Map.groupBy(
      truth.links.filter((link) => link.system === system),
      ({ uscc }) => uscc,
    );
    return (uscc: string): T[] => (links.get(uscc) ?? []).map(({ localKey }) => byKey.get(localKey)!);
  };
  const taxpayersOf = of('TAX', taxpayers, ({ taxpayerId }) => taxpayerId);
  const unitsOf = of('SOCIAL_SECURITY', insuredUnits, ({ unitNo }) => unitNo);
  const customersOf = of('POWER', powerCustomers, ({ customerNo }) => customerNo);
  return enterprises.map((enterprise) => {
    const recent = <T extends { month: string }>(rows: readonly T[]) => rows.filter(({ month }) => month >= since);
    const headcounts = unitsOf(enterprise.uscc).flatMap((unit) => recent(unit.headcounts));
    const usage = customersOf(enterprise.uscc).flatMap((customer) => recent(customer.usage));
    const invoices = taxpayersOf(enterprise.uscc).flatMap((taxpayer) => recent(taxpayer.invoices));
    return {
      enterprise,
      insured: Math.max(0, ...headcounts.map(({ insured }) => insured)),
      kwh: usage.reduce((sum, { kwh }) => sum + kwh, 0) / 6,
      invoices: invoices.reduce((sum, { amountCny }) => sum + amountCny, 0),
    };
  });
}

/** The rule of the trade: active, nobody insured, hardly any power, many invoices, a house or a representative of many. */
function suspectedShells(records: CityRecords): MarketRecord[] {
  const rows = measured(records);
  const active = rows.filter(({ enterprise, kwh }) => enterprise.status === 'ACTIVE' && kwh > 0);
  const medians = new Map(
    [...Map.groupBy(active, ({ enterprise }) => enterprise.industry)].map(([section, members]) => [
      section,
      median(members.map(({ kwh }) => kwh)),
    ]),
  );
  const houses = Map.groupBy(records.enterprises, houseOf);
  const led = Map.groupBy(records.enterprises, ({ legalRepresentativePid }) => legalRepresentativePid);
  return rows
    .filter(
      ({ enterprise, insured, kwh, invoices }) =>
        enterprise.status === 'ACTIVE' &&
        insured === 0 &&
        kwh < medians.get(enterprise.industry)! / 10 &&
        invoices > 1_000_000 &&
        (houses.get(houseOf(enterprise))!.length >= 5 || led.get(enterprise.legalRepresentativePid)!.length >= 5),
    )
    .map(({ enterprise }) => enterprise);
}

function houseOf({ registeredAddress }: MarketRecord): string {
  return registeredAddress.replace(/^Room \d+, /, '').replace(/\d+室$/, '');
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function correlation(xs: number[], ys: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const covariance = mean(xs.map((x, at) => (x - meanX) * (ys[at]! - meanY)));
  const spread = (values: number[], middle: number) => Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  return covariance / (spread(xs, meanX) * spread(ys, meanY));
}
