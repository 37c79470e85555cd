import type { Industry } from './industries.ts';
import type { Random } from './random.ts';

/** A word in pinyin English and in Chinese. */
export type Word = readonly [latin: string, han: string];

/** An enterprise's name in its parts, so that every system can write it in its own way. */
export interface EnterpriseName {
  script: 'latin' | 'han';
  /** Where the city's name stands in it. */
  city: 'front' | 'bracket' | 'none';
  brand: Word;
  trade: Word;
  form: Word;
}

/** The invented city everything happens in. */
export const CITY: Word = ['Yunmei', '云湄'];

const SYLLABLES = wordList(
  'hai 海,yue 岳,rui 瑞,heng 恒,tai 泰,xin 鑫,lan 岚,qi 祺,jin 锦,bo 博,cheng 诚,da 达,' +
    'fu 馥,guang 广,hong 弘,jia 嘉,kai 凯,lin 霖,ming 铭,nuo 诺,peng 鹏,qing 清,rong 融,sen 森,' +
    'tong 通,wei 维,xiang 翔,yi 益,zhen 臻,zhou 舟,mo 墨,chuan 川,duo 铎,feng 沣,ge 歌,huan 焕,' +
    'jing 璟,ke 科,liang 梁,mu 沐,pu 璞,shang 尚,tian 田,wan 万,xu 旭,yun 耘,ze 泽,zhi 智',
);

const FORMS: readonly (readonly [Word, number])[] = [
  [['Co., Ltd.', '有限公司'], 78],
  [['Group Co., Ltd.', '集团有限公司'], 5],
  [['Corporation', '股份有限公司'], 5],
  [['Partnership', '合伙企业'], 7],
  [['Works', '厂'], 5],
];

const SURNAMES = wordList(
  'Chen 陈,Lin 林,Zhou 周,Wu 吴,Xu 徐,Sun 孙,Gao 高,He 何,Luo 罗,Song 宋,Tang 唐,Shen 沈,Pan 潘,Du 杜,Fan 范,Ye 叶',
);

/** Reads words written as `hai 海,yue 岳`. */
export function wordList(text: string): Word[] {
  return text.split(',').map((pair) => {
    const [latin, han] = pair.split(' ');
    return [latin!, han!];
  });
}

/** A name for a new enterprise of an industry. */
export function makeName(random: Random, industry: Industry): EnterpriseName {
  const first = random.pick(SYLLABLES);
  const second = random.pick(SYLLABLES);
  const third = random.chance(0.12) ? random.pick(SYLLABLES) : ['', ''];
  const latin = first[0] + second[0] + third[0];
  return {
    script: random.chance(0.65) ? 'latin' : 'han',
    city: random.weighted(
      ['front', 'bracket', 'none'] as const,
      (place) => ({ front: 60, bracket: 15, none: 25 })[place],
    ),
    brand: [latin[0]!.toUpperCase() + latin.slice(1), first[1] + second[1] + third[1]],
    trade: random.pick(industry.trades),
    form: random.weighted(FORMS, ([word, weight]) => (isOddFor(word, industry) ? 0 : weight))[0],
  };
}

/** Only those who make something are called a works. */
function isOddFor(form: Word, industry: Industry): boolean {
  return form[0] === 'Works' && industry.section !== 'C';
}

/** The name as the register writes it, which is the name in full. */
export function registeredName({ script, city, brand, trade, form }: EnterpriseName): string {
  if (script === 'han') {
    const front = city === 'front' ? `${CITY[1]}市` : '';
    return front + brand[1] + (city === 'bracket' ? `(${CITY[1]})` : '') + trade[1] + form[1];
  }
  const front = city === 'front' ? `${CITY[0]} ` : '';
  return `${front}${brand[0]}${city === 'bracket' ? ` (${CITY[0]})` : ''} ${trade[0]} ${form[0]}`;
}

/** A person's name. */
export function personName(random: Random, script: EnterpriseName['script']): string {
  const surname = random.pick(SURNAMES);
  const given = [random.pick(SYLLABLES), ...(random.chance(0.6) ? [random.pick(SYLLABLES)] : [])];
  if (script === 'han') return surname[1] + given.map(([, han]) => han).join('');
  const latin = given.map(([pinyin]) => pinyin).join('');
  return `${surname[0]} ${latin[0]!.toUpperCase()}${latin.slice(1)}`;
}
