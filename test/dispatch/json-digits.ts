/** For `JSON.parse`: numbers that a double does not keep stay texts of JSON. */
export function keepDigits(_: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value;
}

/** JSON without blanks, with all digits of its numbers. */
export function plainJson(text: string): string {
  return JSON.stringify(JSON.parse(text, keepDigits));
}
