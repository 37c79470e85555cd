/** A text in one line, without what a terminal would obey: for what others wrote, be it in a file or in an answer. */
export function plainLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
}
