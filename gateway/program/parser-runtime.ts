import { expectText } from './text-code.ts';

/**
 * Functions that every parser uses; `s` is the text, `u` and `v` its bytes (see `answerBytes`), `n` where they end, `p` where they are read, `F`
 * what is thrown to give up. None goes past the zero that stands at the end.
 */
export const PARSER_RUNTIME = String.raw`
function begin(text) {
  s = text;
  p = 0;
  // Apollo Server ends its answers with a line feed.
  n = text.charCodeAt(text.length - 1) === 10 ? text.length - 1 : text.length;
  BYTES.take(text, n);
  u = BYTES.bytes;
  v = BYTES.view;
}
function nul() {
  ${expectText('null')}
}
function str() {
  if (u[p] !== 34) throw F;
  let i = p + 1, c;
  for (;;) {
    while ((c = u[i]) !== 34 && c !== 92 && c > 31) i++;
    if (c === 34) break;
    if (c !== 92) throw F;
    i = escaped(i + 1);
  }
  p = i + 1;
}
function escaped(i) {
  const c = u[i];
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
  while ((c = u[i]) >= 48 && c <= 57) i++;
  if (i === b) throw F;
  return i;
}
function int() {
  const b = u[p] === 45 ? p + 1 : p;
  const e = digits(b);
  if (e - b > 9 || (u[b] === 48 && (e - b > 1 || b > p))) throw F;
  p = e;
}
function float() {
  const b = u[p] === 45 ? p + 1 : p;
  let e = digits(b);
  if (u[b] === 48 && e - b > 1) throw F;
  if (u[e] === 46) e = digits(e + 1);
  else if (b > p && u[b] === 48) throw F;
  if (e - b > 40) throw F;
  if ((u[e] | 32) === 101) {
    const sign = u[e + 1], x = sign === 45 || sign === 43 ? e + 2 : e + 1;
    e = digits(x);
    if (e - x > 2) throw F;
  }
  p = e;
}
function bool() {
  if (u[p] === 116) {
    ${expectText('true')}
  } else {
    ${expectText('false')}
  }
}
function any(depth = 0) {
  const c = u[p];
  if (depth > 64) throw F;
  if (c === 34) return str();
  if (c === 110) return nul();
  if (c === 116 || c === 102) return bool();
  if (c !== 91 && c !== 123) return float();
  p++;
  const close = c + 2;
  if (u[p] === close) p++;
  else for (;;) {
    if (c === 123) {
      str();
      if (u[p++] !== 58) throw F;
    }
    any(depth + 1);
    const next = u[p++];
    if (next === close) break;
    if (next !== 44) throw F;
  }
}
function end() {
  if (u[p] === 44) {
    ${expectText(',"extensions":')}
    any();
  }
  if (u[p] !== 125 || p + 1 !== n) throw F;
  s = '';
  // The room of a large answer is not kept, and no program may hold it until its next run.
  u = v = undefined;
}
`;
