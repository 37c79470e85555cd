/** What is usual in one section of the industry classification; medians, around which enterprises are spread. */
export interface Industry {
  /** Section letter. */
  section: string;
  /** How many of a hundred enterprises. */
  share: number;
  headcount: number;
  /** Spread of the headcount, as {@link Random.around} takes it. */
  headcountSpread: number;
  /** Per month. */
  kwhPerHead: number;
  /** Per month. */
  revenueCnyPerHead: number;
  /** How far the busiest month stands above the year's mean: 0.2 is a fifth. */
  season: number;
  /** The busiest month, 1 to 12. */
  peakMonth: number;
  /** Trades, in pinyin English and in Chinese. */
  trades: readonly (readonly [string, string])[];
}

export const INDUSTRIES: readonly Industry[] = [
  industry(
    'F',
    [28, 6, 1],
    [90, 130_000, 0.25, 12],
    [
      ['Trading', '贸易'],
      ['Commercial Trading', '商贸'],
      ['Import and Export', '进出口'],
      ['Building Materials', '建材'],
      ['Food Supply', '食品供应'],
      ['Medical Devices', '医疗器械'],
      ['Hardware and Electrical', '五金机电'],
      ['Auto Parts', '汽车配件'],
    ],
  ),
  industry(
    'C',
    [22, 28, 1.1],
    [520, 75_000, 0.1, 10],
    [
      ['Precision Machinery', '精密机械'],
      ['Electronics', '电子'],
      ['Plastic Products', '塑料制品'],
      ['Textile', '纺织'],
      ['Furniture Manufacturing', '家具制造'],
      ['Packaging Materials', '包装材料'],
      ['Fine Chemicals', '精细化工'],
      ['Metal Products', '金属制品'],
    ],
  ),
  industry(
    'L',
    [9, 7, 0.9],
    [80, 42_000, 0.1, 11],
    [
      ['Business Consulting', '商务咨询'],
      ['Enterprise Management', '企业管理'],
      ['Advertising', '广告'],
      ['Human Resources Services', '人力资源服务'],
      ['Equipment Leasing', '设备租赁'],
    ],
  ),
  industry(
    'I',
    [8, 12, 1],
    [130, 55_000, 0.05, 12],
    [
      ['Network Technology', '网络科技'],
      ['Software Development', '软件开发'],
      ['Information Technology', '信息技术'],
      ['Data Services', '数据服务'],
    ],
  ),
  industry(
    'E',
    [8, 18, 1.1],
    [110, 60_000, 0.3, 9],
    [
      ['Construction Engineering', '建筑工程'],
      ['Decoration Engineering', '装饰工程'],
      ['Municipal Engineering', '市政工程'],
      ['Steel Structures', '钢结构'],
    ],
  ),
  industry(
    'H',
    [7, 12, 0.8],
    [340, 19_000, 0.25, 8],
    [
      ['Catering Management', '餐饮管理'],
      ['Hotel Management', '酒店管理'],
      ['Catering Services', '餐饮服务'],
    ],
  ),
  industry(
    'G',
    [5, 15, 1],
    [240, 50_000, 0.2, 11],
    [
      ['Logistics', '物流'],
      ['Cold Chain Storage', '冷链仓储'],
      ['Freight Forwarding', '货运代理'],
      ['Passenger Transport', '客运'],
    ],
  ),
  industry(
    'M',
    [4.5, 11, 0.9],
    [160, 52_000, 0.1, 12],
    [
      ['Testing Technology', '检测技术'],
      ['Biotechnology', '生物科技'],
      ['Engineering Design', '工程设计'],
      ['Environmental Technology', '环保科技'],
    ],
  ),
  industry(
    'K',
    [4, 11, 0.9],
    [380, 80_000, 0.1, 6],
    [
      ['Property Management', '物业管理'],
      ['Real Estate Development', '房地产开发'],
      ['Real Estate Agency', '房地产中介'],
    ],
  ),
  industry(
    'A',
    [1.2, 14, 0.8],
    [260, 21_000, 0.5, 9],
    [
      ['Agricultural Development', '农业发展'],
      ['Aquaculture', '水产养殖'],
      ['Nursery and Garden', '苗木园艺'],
    ],
  ),
  industry(
    'O',
    [1.2, 7, 0.8],
    [120, 17_000, 0.1, 1],
    [
      ['Laundry Services', '洗涤服务'],
      ['Auto Repair', '汽车维修'],
    ],
  ),
  industry(
    'R',
    [0.8, 10, 0.8],
    [280, 26_000, 0.3, 7],
    [
      ['Culture and Media', '文化传媒'],
      ['Sports Development', '体育发展'],
    ],
  ),
  industry(
    'P',
    [0.7, 16, 0.7],
    [110, 16_000, 0.3, 9],
    [
      ['Education Technology', '教育科技'],
      ['Vocational Training', '职业培训'],
    ],
  ),
  industry(
    'D',
    [0.3, 30, 0.8],
    [1_500, 140_000, 0.5, 1],
    [
      ['Heating', '供热'],
      ['Gas Supply', '燃气供应'],
    ],
  ),
  industry(
    'Q',
    [0.3, 40, 0.8],
    [300, 32_000, 0.1, 1],
    [
      ['Outpatient Clinic', '门诊部'],
      ['Elderly Care Services', '养老服务'],
    ],
  ),
];

/** The industry of a section letter. */
export function industryOf(section: string): Industry {
  const found = INDUSTRIES.find((candidate) => candidate.section === section);
  if (!found) throw new Error(`no industry has the section ${section}`);
  return found;
}

function industry(
  section: string,
  [share, headcount, headcountSpread]: [number, number, number],
  [kwhPerHead, revenueCnyPerHead, season, peakMonth]: [number, number, number, number],
  trades: Industry['trades'],
): Industry {
  return { section, share, headcount, headcountSpread, kwhPerHead, revenueCnyPerHead, season, peakMonth, trades };
}
