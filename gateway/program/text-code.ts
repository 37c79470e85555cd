/** A piece of a text that generated code puts together: text that is known now, or code that gives text when it runs. */
export type TextPiece = { text: string } | { code: string };

/** Code that puts pieces together; texts that stand side by side become one. */
export function concatenate(pieces: readonly TextPiece[]): string {
  const parts: string[] = [];
  let known = '';
  const flush = (): void => {
    if (known !== '') parts.push(JSON.stringify(known));
    known = '';
  };
  for (const piece of pieces) {
    if ('text' in piece) known += piece.text;
    else {
      flush();
      parts.push(piece.code);
    }
  }
  flush();
  return parts.length > 0 ? parts.join(' + ') : "''";
}

/** The pieces of a JSON object from those of its members. */
export function jsonObject(members: readonly (readonly TextPiece[])[]): TextPiece[] {
  const inner = members.flatMap((member, index) => (index === 0 ? member : [{ text: ',' }, ...member]));
  return [{ text: '{' }, ...inner, { text: '}' }];
}

/**
 * Code that goes past a text, or gives up: compares four bytes at a time, the last four once more where fewer are left. The text, which is ASCII,
 * stands beside it for whoever reads the code; it is JSON, and cannot end the comment it is in.
 */
export function expectText(text: string): string {
  const bytes = Buffer.from(text);
  const tests = bytes.length < 4 ? Array.from(bytes, byteTest) : fourByteTests(bytes);
  const shown = JSON.stringify(text).replaceAll('*/', '* /');
  return `/* ${shown} */ if (${tests.join(' || ')}) throw F;\n  p += ${bytes.length};`;
}

function byteTest(byte: number, at: number): string {
  return `u[${position(at)}] !== ${byte}`;
}

function fourByteTests(bytes: Buffer): string[] {
  const starts = Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) =>
    Math.min(index * 4, bytes.length - 4),
  );
  return starts.map((at) => `v.getInt32(${position(at)}, true) !== ${bytes.readInt32LE(at)}`);
}

function position(at: number): string {
  return at === 0 ? 'p' : `p + ${at}`;
}
