/** Functions that every parser uses; `s` is the text, `p` where it is read, `escapeAt` where its next escape is, `F` what is
 * thrown to give up. */
export const PARSER_RUNTIME = String.raw`
function begin(text) {
  // Apollo Server ends its answers with a line feed.
  s = text.charCodeAt(text.length - 1) === 10 ? text.slice(0, -1) : text;
  p = 0;
  // No text as it should be has one anywhere. A native search for each costs a fraction of a look at every character.
  for (const character of CONTROL) if (s.includes(character)) throw F;
  findEscape(0);
}
function findEscape(from) {
  const found = s.indexOf('\\', from);
  escapeAt = found < 0 ? s.length : found;
}
function nul() {
  if (s.charCodeAt(p) !== 110 || s.charCodeAt(p + 1) !== 117 || s.charCodeAt(p + 2) !== 108 || s.charCodeAt(p + 3) !== 108) throw F;
  p += 4;
}
function str() {
  if (s.charCodeAt(p) !== 34) throw F;
  let e = s.indexOf('"', p + 1);
  if (escapeAt < p) findEscape(p);
  while (escapeAt < e) {
    const after = escaped(escapeAt + 1);
    if (after > e) e = s.indexOf('"', after);
    findEscape(after);
  }
  if (e < 0) throw F;
  p = e + 1;
}
function escaped(i) {
  const c = s.charCodeAt(i);
  if (c === 117) {
    if (!/^[0-9a-fA-F]{4}$/.test(s.slice(i + 1, i + 5))) throw F;
    return i + 5;
  }
  if (c === 34 || c === 92 || c === 47 || c === 98 || c === 102 || c === 110 || c === 114 || c === 116) return i + 1;
  throw F;
}
function digits(i) {
  const b = i;
  let c;
  while ((c = s.charCodeAt(i)) >= 48 && c <= 57) i++;
  if (i === b) throw F;
  return i;
}
function int() {
  const b = s.charCodeAt(p) === 45 ? p + 1 : p;
  const e = digits(b);
  if (e - b > 9 || (s.charCodeAt(b) === 48 && (e - b > 1 || b > p))) throw F;
  p = e;
}
function float() {
  const b = s.charCodeAt(p) === 45 ? p + 1 : p;
  let e = digits(b);
  if (s.charCodeAt(b) === 48 && e - b > 1) throw F;
  if (s.charCodeAt(e) === 46) e = digits(e + 1);
  else if (b > p && s.charCodeAt(b) === 48) throw F;
  if (e - b > 40) throw F;
  if ((s.charCodeAt(e) | 32) === 101) {
    const sign = s.charCodeAt(e + 1), x = sign === 45 || sign === 43 ? e + 2 : e + 1;
    e = digits(x);
    if (e - x > 2) throw F;
  }
  p = e;
}
function bool() {
  if (s.charCodeAt(p) === 116 && s.charCodeAt(p + 1) === 114 && s.charCodeAt(p + 2) === 117 && s.charCodeAt(p + 3) === 101) { p += 4; return; }
  if (s.charCodeAt(p) === 102 && s.charCodeAt(p + 1) === 97 && s.charCodeAt(p + 2) === 108 && s.charCodeAt(p + 3) === 115 && s.charCodeAt(p + 4) === 101) { p += 5; return; }
  throw F;
}
function any(depth = 0) {
  const c = s.charCodeAt(p);
  if (depth > 64) throw F;
  if (c === 34) return str();
  if (c === 110) return nul();
  if (c === 116 || c === 102) return bool();
  if (c !== 91 && c !== 123) return float();
  p++;
  const close = c + 2;
  if (s.charCodeAt(p) === close) p++;
  else for (;;) {
    if (c === 123) {
      str();
      if (s.charCodeAt(p++) !== 58) throw F;
    }
    any(depth + 1);
    const next = s.charCodeAt(p++);
    if (next === close) break;
    if (next !== 44) throw F;
  }
}
function end() {
  if (s.charCodeAt(p) === 44) {
    if (!s.startsWith(',"extensions":', p)) throw F;
    p += 14;
    any();
  }
  if (s.charCodeAt(p) !== 125 || p + 1 !== s.length) throw F;
  s = '';
}
`;
