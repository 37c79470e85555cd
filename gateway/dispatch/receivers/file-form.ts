import { stringify } from 'csv-stringify/sync';
import type { ReceiverConfigOf } from '../../config/dispatch-receivers.ts';
import { DeliveryError, type DeliveredValue, type Delivery, type DeliveryColumn } from '../delivery.ts';
import { jsonValue } from './json-value.ts';
import { keyColumnsOf } from './record-text.ts';
import { elementText, isXmlName } from './xml-text.ts';

/** How a run is written into a file, whose rows may come in several parts. */
export interface FileForm {
  /** How names of files end, without the dot. */
  readonly extension: string;
  /** What stands before the rows. @throws DeliveryError DELIVERY_UNFIT */
  begin(run: Delivery): string;
  /** The rows of a part. @throws DeliveryError DELIVERY_UNFIT */
  rows(part: Delivery): string;
  /** What stands between the rows of two parts. */
  readonly between: string;
  /** What stands after the rows. */
  readonly end: string;
}

/** What says of each row of `changes` whether it is new or changed, or is no more. */
const CHANGE = '_change';

type Change = 'UPSERT' | 'REMOVED';

/** A row with its columns, those that are not known of a removed one left out. */
interface Row {
  readonly change: Change | undefined;
  readonly cells: readonly (readonly [DeliveryColumn, DeliveredValue])[];
}

/** The form that the settings name. */
export function fileFormOf({ format, escapesFormulas }: ReceiverConfigOf<'folder'>): FileForm {
  switch (format) {
    case 'csv':
      return csvForm(escapesFormulas);
    case 'json':
      return { extension: 'json', begin: () => '[\n', rows: jsonRows(',\n'), between: ',\n', end: '\n]\n' };
    case 'json-lines':
      return { extension: 'jsonl', begin: () => '', rows: jsonRows('\n'), between: '\n', end: '\n' };
    case 'xml':
      return { extension: 'xml', begin: xmlStart, rows: xmlRows, between: '\n', end: '\n</delivery>\n' };
  }
}

function rowsOf(delivery: Delivery): Row[] {
  const { content, columns, rows, removed } = delivery;
  if (content === 'full') return rows.map((row) => ({ change: undefined, cells: cellsOf(columns, row) }));
  if (columns.some(({ name }) => name === CHANGE))
    throw new DeliveryError('DELIVERY_UNFIT', `${CHANGE} says how a row changed, and can be no column's name.`);
  const keyColumns = keyColumnsOf(delivery);
  return [
    ...rows.map((row): Row => ({ change: 'UPSERT', cells: cellsOf(columns, row) })),
    ...removed.map((row): Row => ({ change: 'REMOVED', cells: cellsOf(keyColumns, row) })),
  ];
}

function cellsOf(columns: readonly DeliveryColumn[], row: readonly DeliveredValue[]): Row['cells'] {
  return columns.map((column, at) => [column, row[at] ?? null]);
}

/** RFC 4180 in UTF-8. Texts stand in quotes, also empty ones; null is nothing. */
function csvForm(escapesFormulas: boolean): FileForm {
  const cell = (value: DeliveredValue): string | number | null => {
    if (typeof value !== 'string') return typeof value === 'boolean' ? String(value) : value;
    return escapesFormulas && /^[=+\-@'\t\r]/.test(value) ? `'${value}` : value;
  };
  const lines = (rows: (string | number | null)[][], quoted_string: boolean): string =>
    stringify(rows, { record_delimiter: '\r\n', quoted_string });
  return {
    extension: 'csv',
    begin: ({ columns, content }) =>
      lines([[...(content === 'full' ? [] : [CHANGE]), ...columns.map(({ name }) => name)]], false),
    rows: (part) =>
      lines(
        rowsOf(part).map(({ change, cells }) => {
          const values = new Map(cells.map(([{ name }, value]) => [name, value]));
          return [...(change ? [change] : []), ...part.columns.map(({ name }) => cell(values.get(name) ?? null))];
        }),
        true,
      ),
    between: '',
    end: '',
  };
}

/** A text of JSON stands in the file as what it is. */
function jsonRows(between: string): FileForm['rows'] {
  return (part) =>
    rowsOf(part)
      .map(({ change, cells }) => {
        const members = cells.map(([column, value]) => `${JSON.stringify(column.name)}:${jsonValue(column, value)}`);
        return `{${[...(change ? [`"${CHANGE}":"${change}"`] : []), ...members].join(',')}}`;
      })
      .join(between);
}

function xmlStart({ dispatch, run, content, columns }: Delivery): string {
  const unfit = columns.find(({ name }) => !isXmlName(name));
  if (unfit)
    throw new DeliveryError('DELIVERY_UNFIT', `${JSON.stringify(unfit.name)} can be no element's name in XML.`);
  const attributes = `dispatch="${elementText(dispatch)}" run="${run}" content="${content}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<delivery ${attributes}>\n`;
}

/** Null is no element, an empty text an empty one. */
function xmlRows(part: Delivery): string {
  return rowsOf(part)
    .map(({ change, cells }) => {
      const elements = cells.flatMap(([{ name }, value]) =>
        value === null ? [] : `<${name}>${elementText(String(value), name)}</${name}>`,
      );
      return `  <row${change ? ` change="${change}"` : ''}>${elements.join('')}</row>`;
    })
    .join('\n');
}
