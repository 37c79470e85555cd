import { describe, expect, test } from 'vitest';
import { creditCode } from '../../systems/city/codes.ts';
import { generateCity } from '../../systems/city/generate.ts';
import type { CityRecords } from '../../systems/city/records.ts';
import { linkRecords, type HandedInKey, type Linking, type RegisteredEnterprise } from '../../systems/identity/link.ts';
import { addressesAgree, namesAgree, readAddress, readName } from '../../systems/identity/reading.ts';

const HAIYUE = creditCode('990101', 'MA00H8C1');
const TWIN = creditCode('990101', 'MA00H8C2');

const register: RegisteredEnterprise[] = [
  {
    uscc: HAIYUE,
    name: 'Yunmei Haiyue Precision Machinery Co., Ltd.',
    address: 'Room 1203, Building 4, 88 Xinhe Road, Donglin District, Yunmei',
  },
  { uscc: TWIN, name: 'Mocheng Trading Co., Ltd.', address: '12 Lutan Street, Xihe District, Yunmei' },
];

describe.each([1, 2, 3])('in the city of seed %i', (seed) => {
  const city = generateCity({ seed, months: 1 });
  const linking = linkRecords(registerOf(city), keysOf(city));
  const [parties, records] = [true, false].map((ofCourts) =>
    city.truth.links.filter(({ system }) => (system === 'COURTS') === ofCourts),
  ) as [CityRecords['truth']['links'], CityRecords['truth']['links']];
  const truth = new Map(records.map(({ system, localKey, uscc }) => [`${system} ${localKey}`, uscc]));
  const right = linking.links.filter(({ system, localKey, uscc }) => truth.get(`${system} ${localKey}`) === uscc);

  test('no link is wrong: precision 1.0', () => {
    expect(linking.links.length - right.length).toBe(0);
  });

  test('at least 97 of 100 keys that stand for someone are linked: recall 0.974 to 0.981', () => {
    expect(right.length / truth.size).toBeGreaterThan(0.97);
    // All of them would mean that the hard cases are no longer in the records.
    expect(right.length / truth.size).toBeLessThan(0.99);
  });

  test('every tax number that stands for someone is linked, the mistyped ones repaired', () => {
    const mistyped = city.truth.links.filter(
      ({ system, localKey, uscc }) => system === 'TAX' && localKey.replaceAll('-', '') !== uscc,
    );
    const methods = new Map(linking.links.map(({ system, localKey, method }) => [`${system} ${localKey}`, method]));
    expect(mistyped.length).toBeGreaterThan(20);
    for (const { localKey } of mistyped) expect(methods.get(`TAX ${localKey}`)).toBe('REPAIRED_CHECK');
    expect(linking.links.filter(({ system, method }) => system === 'TAX' && method === 'NAME_ADDRESS')).toEqual([]);
  });

  test('parties before the courts are linked by their name in full, at least 90 of 100 and none wrong', () => {
    const keys = city.courtCases.map(({ caseNo, respondent }): HandedInKey => {
      return { system: 'COURTS', localKey: caseNo, name: respondent, address: '' };
    });
    const { links, unresolved } = linkRecords(registerOf(city), keys);
    const known = new Map(parties.map(({ localKey, uscc }) => [localKey, uscc]));
    const wrong = links.filter(({ localKey, uscc }) => known.get(localKey) !== uscc);
    expect(wrong).toEqual([]);
    expect(links.length / known.size).toBeGreaterThan(0.9);
    expect(unresolved.length).toBeGreaterThan(80);
    expect(new Set(links.map(({ method }) => method))).toEqual(new Set(['NAME']));
  });

  test('every key is either linked once or unresolved', () => {
    const names = [...linking.links, ...linking.unresolved].map(({ system, localKey }) => `${system} ${localKey}`);
    expect(names.toSorted()).toEqual(
      keysOf(city)
        .map(({ system, localKey }) => `${system} ${localKey}`)
        .toSorted(),
    );
  });
});

describe('a credit code in the key', () => {
  test.each([HAIYUE, hyphenated(HAIYUE), HAIYUE.toLowerCase(), ` ${HAIYUE} `, HAIYUE.replace(/(.{4})/g, '$1 ')])(
    'is found in %j',
    (localKey) => {
      expect(linked(key({ localKey }))).toEqual({ uscc: HAIYUE, method: 'EXACT', confidence: 1 });
    },
  );

  test('with one wrong character is repaired at every place, if name or address agrees', () => {
    for (let place = 0; place < 18; place += 1) {
      const localKey = HAIYUE.slice(0, place) + (HAIYUE[place] === '7' ? '8' : '7') + HAIYUE.slice(place + 1);
      expect(linked(key({ localKey }))).toEqual({ uscc: HAIYUE, method: 'REPAIRED_CHECK', confidence: 0.98 });
      expect(linked(key({ localKey, address: 'moved away' }))).toMatchObject({
        method: 'REPAIRED_CHECK',
        confidence: 0.9,
      });
    }
  });

  test('with a letter that no code has is repaired too', () => {
    expect(linked(key({ localKey: `${HAIYUE.slice(0, 17)}I` }))).toMatchObject({ method: 'REPAIRED_CHECK' });
  });

  test('with one wrong character is not repaired for somebody else', () => {
    const localKey = `${HAIYUE.slice(0, 17)}I`;
    expect(linked(key({ localKey, name: 'Foreign Office', address: 'NO 3 LUTAN ST' }))).toBeNull();
  });

  test('with two wrong characters is not repaired', () => {
    const localKey = `${HAIYUE.slice(0, 16)}II`;
    expect(linked(key({ localKey, address: 'moved away' }))).toBeNull();
  });

  test('that could be two registered ones is not repaired', () => {
    const between = betweenTwo(HAIYUE);
    const both: RegisteredEnterprise[] = [register[0]!, { ...register[0]!, uscc: between.other }];
    const record = key({ localKey: between.key, address: 'moved away' });
    expect(linkRecords(both, [record]).unresolved).toEqual([record]);
    expect(linkRecords([both[0]!], [record]).links).toMatchObject([{ uscc: HAIYUE, method: 'REPAIRED_CHECK' }]);
  });

  test('that is whole but not registered is nobody’s', () => {
    const localKey = creditCode('990101', 'MA99H8C1');
    expect(linked(key({ localKey, name: 'Somebody Else', address: 'NO 3 LUTAN ST' }))).toBeNull();
  });
});

describe('name and address', () => {
  const OWN_NUMBER = { system: 'POWER', localKey: '1000000001' } as const;

  test.each([
    ['HAIYUE PRECISION MACH CO', 'DONGLIN/XINHE RD 88/B4/R1203 (SECOND)', 0.96],
    ['YUNMEI HAIYUE PRECISION MACHINERY', 'XINHE RD 88', 0.87],
    ['Haiyue (Yunmei) Precision Machinery Limited', 'Donglin Dist., Xinhe Road 88, Bldg. 4-1203', 0.96],
    ['ＨＡＩＹＵＥ  Precision  Machinery', 'No. 88 Xinhe Rd., Donglin Dist.', 0.9],
  ])('%j at %j is the enterprise, however it is written', (name, address, confidence) => {
    expect(linked({ ...OWN_NUMBER, name, address })).toEqual({ uscc: HAIYUE, method: 'NAME_ADDRESS', confidence });
  });

  test.each([
    ['the name alone', 'Haiyue Precision Machinery Co., Ltd.', ''],
    ['the name in another house', 'Haiyue Precision Machinery Co., Ltd.', 'Xinhe Road 89'],
    ['the name in another room', 'Haiyue Precision Machinery Co., Ltd.', 'Xinhe Road 88, Bldg. 4-1204'],
    ['the address alone', '', 'Room 1203, Building 4, 88 Xinhe Road, Donglin District'],
    [
      'another name at the address',
      'Haiyue Trading Co., Ltd.',
      'Room 1203, Building 4, 88 Xinhe Road, Donglin District',
    ],
    ['another form at the address', 'Haiyue Precision Machinery Partnership', 'Room 1203, Building 4, 88 Xinhe Road'],
    ['a brand that is nearly it', 'Haiyeu Precision Machinery Co., Ltd.', 'Room 1203, Building 4, 88 Xinhe Road'],
  ])('%s is not enough', (_, name, address) => {
    expect(linked({ ...OWN_NUMBER, name, address })).toBeNull();
  });

  test('two that fit stay unresolved, and the room tells them apart where it is written', () => {
    const next = {
      ...register[0]!,
      uscc: TWIN,
      address: 'Room 1204, Building 4, 88 Xinhe Road, Donglin District, Yunmei',
    };
    const both = [register[0]!, next];
    const without = { ...OWN_NUMBER, name: 'Haiyue Precision Machinery', address: 'Xinhe Rd 88' };
    expect(linkRecords(both, [without]).unresolved).toEqual([without]);
    const withRoom = { ...without, address: 'Xinhe Rd 88/B4/R1204' };
    expect(linkRecords(both, [withRoom]).links).toMatchObject([{ uscc: TWIN }]);
  });

  test('a number that equals another office’s number joins nothing', () => {
    const localKey = HAIYUE.slice(0, 15);
    expect(linked({ system: 'SOCIAL_SECURITY', localKey, name: 'Chen Wei', address: '' })).toBeNull();
  });
});

describe('a clerk’s decision', () => {
  const record: HandedInKey = { system: 'POWER', localKey: '1000000001', name: 'Haiyeu', address: '' };

  test('counts before every rule', () => {
    const decision = { system: 'TAX', localKey: HAIYUE, uscc: TWIN } as const;
    expect(linkRecords(register, [key({ localKey: HAIYUE })], [decision]).links).toMatchObject([
      { uscc: TWIN, method: 'MANUAL' },
    ]);
  });

  test('for a key of another system is none', () => {
    expect(linkRecords(register, [record], [{ ...record, system: 'TAX', uscc: HAIYUE }]).links).toEqual([]);
  });

  test('for an enterprise that is not registered counts for nothing', () => {
    expect(linkRecords(register, [record], [{ ...record, uscc: creditCode('990101', 'MA99H8C1') }]).unresolved).toEqual(
      [record],
    );
  });
});

describe('reading', () => {
  test.each([
    ['云湄市海岳精密机械有限公司', '海岳精密机械有限责任公司'],
    ['海岳(云湄)精密机械有限公司', '海岳精密机械'],
    ['Geke Hardware and Electrical Works', 'GEKE HARDWARE/ELECTRICAL'],
    ['Fuze Human Resources Services Co., Ltd.', 'Fuze Human Resources Svcs Limited'],
    ['Rui Enterprise Management Group Co., Ltd.', 'YUNMEI RUI ENTERPRISE MGMT GROUP CO LTD'],
  ])('%s and %s are one name', (one, other) => {
    expect(namesAgree(readName(one)!, readName(other)!)).toBe(true);
  });

  test.each([
    ['云湄市海岳精密机械有限公司', '海岳精密机械厂'],
    ['海岳精密机械有限公司', '海岳精密仪器有限公司'],
    ['Haiyue Trading Co., Ltd.', 'Haiyue Food Trading Co., Ltd.'],
    ['Haiyue Textile Co., Ltd.', 'Haiyue Trading Co., Ltd.'],
  ])('%s and %s are two names', (one, other) => {
    expect(namesAgree(readName(one)!, readName(other)!)).toBe(false);
  });

  test.each([
    ['云湄市青斛区银桥路263号3栋2309室', '银桥路２６３号＃３－２３０９（主表）'],
    ['云湄市青斛区银桥路263号3栋2309室', '青斛区银桥路263号3幢'],
    ['云湄市枫岗区松禾大道220号916室', '枫岗松禾大道２２０号－９１６'],
    ['Room 916, 220 Songhe Avenue, Fenggang District, Yunmei', 'RM 916 NO 220 SONGHE AVE FENGGANG DIST'],
    ['220 Songhe Lane, Fenggang District, Yunmei', 'FENGGANG/SONGHE LN 220'],
  ])('%s and %s are one address', (one, other) => {
    expect(addressesAgree(readAddress(one)!, readAddress(other)!)).toBe(true);
  });

  test.each([
    ['云湄市青斛区银桥路263号3栋2309室', '青斛银桥路２６３号＃３－２３１０'],
    ['云湄市青斛区银桥路263号', '云湄市金阙区银桥路263号'],
    ['220 Songhe Lane, Fenggang District', '220 Songhe Road, Fenggang District'],
  ])('%s and %s are two addresses', (one, other) => {
    expect(addressesAgree(readAddress(one)!, readAddress(other)!)).toBe(false);
  });

  test.each(['', 'Xinhe Road', '88', '云湄市', '银桥路', '()'])('%j is no address', (text) => {
    expect(readAddress(text)).toBeNull();
  });
});

function registerOf(city: CityRecords): RegisteredEnterprise[] {
  return city.enterprises.map(({ uscc, name, registeredAddress }) => ({ uscc, name, address: registeredAddress }));
}

function keysOf(city: CityRecords): HandedInKey[] {
  return [
    ...city.taxpayers.map(({ taxpayerId, name, address }) => ({
      system: 'TAX' as const,
      localKey: taxpayerId,
      name,
      address,
    })),
    ...city.insuredUnits.map(({ unitNo, name, address }) => ({
      system: 'SOCIAL_SECURITY' as const,
      localKey: unitNo,
      name,
      address,
    })),
    ...city.powerCustomers.map(({ customerNo, name, meterAddress }) => ({
      system: 'POWER' as const,
      localKey: customerNo,
      name,
      address: meterAddress,
    })),
  ];
}

/** A tax record of Haiyue, but for what is given. */
function key(parts: Partial<HandedInKey>): HandedInKey {
  return {
    system: 'TAX',
    localKey: HAIYUE,
    name: 'YUNMEI HAIYUE PRECISION MACHINERY CO LTD',
    address: 'RM 1203 BLDG 4 NO 88 XINHE RD DONGLIN DIST',
    ...parts,
  };
}

function linked(record: HandedInKey): Omit<Linking['links'][number], 'system' | 'localKey'> | null {
  const [link] = linkRecords(register, [record]).links;
  return link ? { uscc: link.uscc, method: link.method, confidence: link.confidence } : null;
}

function hyphenated(code: string): string {
  return `${code.slice(0, 2)}-${code.slice(2, 8)}-${code.slice(8, 17)}-${code[17]}`;
}

/** A key one character from a code, and another whole code one character from that key. */
function betweenTwo(code: string): { key: string; other: string } {
  const wrongAt16 = code.slice(0, 16) + (code[16] === '7' ? '8' : '7') + code[17];
  for (const character of '0123456789ABCDEFGHJKLMNPQRTUWXY') {
    const other = wrongAt16.slice(0, 17) + character;
    if (
      character !== code[17] &&
      linkRecords([{ ...register[0]!, uscc: other }], [key({ localKey: other })]).links[0]?.method === 'EXACT'
    ) {
      return { key: wrongAt16, other };
    }
  }
  throw new Error('no other code is so near');
}
