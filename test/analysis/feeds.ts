import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { projectRoot } from '../../network/settings.ts';

/** A delivery to the analysis department, as it is kept. */
export interface Feed {
  name: string;
  operation: string;
  rows: string;
  key: string[];
  /** Columns, each with the place of its value below the row. */
  columns: Record<string, string>;
  pages: { variable: string; from: string; size: number };
}

/** A row as it is delivered: lists are texts of JSON. */
export type FeedRow = Record<string, string | number | boolean | null>;

/** The deliveries to the analysis department, with the table that each fills. */
export const feeds = {
  enterprise_record: readFeed('enterprise-records'),
  published_figure: readFeed('published-figures'),
};

export type FeedTable = keyof typeof feeds;

function readFeed(name: string): Feed {
  return parse(readFileSync(`${projectRoot}subgraphs/analysis/feeds/${name}.yaml`, 'utf8')) as Feed;
}

/** The rows of an answer, as a dispatch reads them. */
export function rowsOf({ rows, columns }: Feed, data: unknown): FeedRow[] {
  const items = at(data, rows) as unknown[];
  return items.map((item) =>
    Object.fromEntries(Object.entries(columns).map(([column, place]) => [column, valueOf(at(item, place))])),
  );
}

function at(value: unknown, place: string): unknown {
  return place.split('.').reduce((found, name) => (found as Record<string, unknown> | null)?.[name] ?? null, value);
}

function valueOf(value: unknown): FeedRow[string] {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as FeedRow[string]);
}

/** The statement that takes rows into their table, as the receiver of a dispatch does. */
export function upsertOf(table: FeedTable, rows: readonly FeedRow[]): { text: string; values: FeedRow[string][] } {
  const { columns, key } = feeds[table];
  const names = Object.keys(columns);
  const values: FeedRow[string][] = [];
  const tuples = rows.map((row) => `(${names.map((name) => `$${values.push(row[name]!)}`).join(', ')})`);
  const others = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  const text = `insert into ${table} (${names.join(', ')}) values ${tuples.join(', ')}
    on conflict (${key.join(', ')}) do update set ${others.join(', ')}`;
  return { text, values };
}
