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
 * Code that goes past a text, or gives up. Character by character is quicker than a call for texts this short. The text
 * stands beside it for whoever reads the code; it is JSON, and cannot end the comment it is in.
 */
export function expectText(text: string): string {
  const tests = Array.from(
    text,
    (_, index) => `s.charCodeAt(p${index === 0 ? '' : ` + ${index}`}) !== ${text.charCodeAt(index)}`,
  );
  const shown = JSON.stringify(text).replaceAll('*/', '* /');
  return `/* ${shown} */ if (${tests.join(' || ')}) throw F;\n  p += ${text.length};`;
}
