import type { Site } from './sites.ts';

/** Writes how an object of a site is read: the code up to its first leaf, then the rest. */
type WriteRead = (id: number, leading: string, rest: string) => string;

const readAlways: WriteRead = (id, leading, rest) => `  const o = new S${id}();
  ${leading}
  ${rest}
  return o;`;

/**
 * What is looked up is only worth looking up where it is often found: after the first few hundred, in one of sixteen
 * cases.
 */
const isWorthwhile = (id: number): string => `hits${id} * 16 + 256 > tries${id}`;

/**
 * For objects of leaves alone. The text of an object cannot be the beginning of another's: if what stands here up to the
 * next brace is a text that was read before, it is that object again.
 */
const readUnlessWholeIsKnown: WriteRead = (id, leading, rest) => `  const b = p, looks = ${isWorthwhile(id)};
  if (looks) {
    const e = s.indexOf('}', p) + 1;
    const known = R.i${id}.get(s.slice(b, e));
    tries${id}++;
    if (known !== undefined) { hits${id}++; p = e; return known; }
  }
  const o = new S${id}();
  ${leading}
  ${rest}
  if (looks) R.i${id}.set(s.slice(b, p), o);
  return o;`;

/**
 * For objects with objects in them. Where the first leaf was read before, which mostly is a key, the rest mostly was too:
 * then the whole text stands here again, and nothing of it has to be read. (Comparing slices is sixty times quicker than
 * `startsWith`.)
 */
const readUnlessFirstIsKnown: WriteRead = (id, leading, rest) => `  const b = p, looks = ${isWorthwhile(id)};
  const o = new S${id}();
  ${leading}
  let k;
  if (looks) {
    k = s.slice(b, p);
    const known = R.i${id}.get(k);
    tries${id}++;
    if (known !== undefined && s.slice(b, b + known.text.length) === known.text) {
      hits${id}++;
      p = b + known.text.length;
      return known;
    }
  }
  ${rest}
  if (looks) { o.text = s.slice(b, p); R.i${id}.set(k, o); }
  return o;`;

const READS: Readonly<Record<Site['interning'], WriteRead>> = {
  none: readAlways,
  whole: readUnlessWholeIsKnown,
  first: readUnlessFirstIsKnown,
};

/**
 * Writes the function that reads an object of a site, or finds that it was read before.
 *
 * @param leading lines of code that read it up to its first leaf
 * @param rest those that read what follows
 */
export function objectReader({ id, interning }: Site, name: string, leading: string[], rest: string[]): string {
  const counters = interning === 'none' ? '' : `let tries${id} = 0, hits${id} = 0;\n`;
  return `${counters}function ${name}() {\n${READS[interning](id, leading.join('\n  '), rest.join('\n  '))}\n}`;
}
