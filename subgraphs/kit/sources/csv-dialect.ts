/** What stands between the fields of a row. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Rows that are looked at. */
const SAMPLE_ROWS = 20;

/**
 * Finds out what stands between the fields: what is in the header, and as often in the rows after it. A comma where nothing is.
 *
 * @param start the beginning of the file
 */
export function recogniseDelimiter(start: string): string {
  const rows = splitRows(start).slice(0, SAMPLE_ROWS);
  const ranked = DELIMITERS.map((delimiter) => {
    const [header = 0, ...others] = rows.map((row) => row.split(delimiter).length - 1);
    const alike = others.filter((count) => count === header).length;
    return { delimiter, header, alike };
  }).toSorted(
    (one, other) => other.alike * (other.header && 1) - one.alike * (one.header && 1) || other.header - one.header,
  );
  return ranked.find(({ header }) => header > 0)?.delimiter ?? ',';
}

/** Rows without what stands in quotes. The last one may be cut off. */
function splitRows(start: string): string[] {
  const bare = start.replaceAll(/"(?:[^"]|"")*"/g, '');
  const rows = bare.split(/\r\n|\n|\r/).filter((row) => row.trim() !== '');
  return rows.length > 1 ? rows.slice(0, -1) : rows;
}
