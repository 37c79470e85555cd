import { BoundedXml, type XmlHandler } from './bounded-xml.ts';
import type { SheetRow } from './workbook.ts';

/** Rows as a reader makes them of a document's elements, some at a time; where it goes wrong, those before it first. */
export async function* rowsIn(
  chunks: AsyncIterable<string>,
  reader: XmlHandler & { rows: SheetRow[] },
): AsyncGenerator<SheetRow[]> {
  const document = new BoundedXml(reader);
  for await (const chunk of chunks) {
    const fault = faultOf(() => document.write(chunk));
    yield reader.rows.splice(0);
    if (fault !== undefined) throw fault;
  }
  document.end();
}

function faultOf(work: () => void): Error | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
