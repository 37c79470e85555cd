import type { Comparison, KeyValue } from '../record-source.ts';
import { valueCheck } from './service-columns.ts';
import { numberIn } from './json-values.ts';
import type { Operation, Parameter } from './service-document.ts';

/** A parameter by which records are narrowed. */
export interface Filter {
  parameter: Parameter;
  /** The column of the records that it is about. */
  column: string;
  is: Comparison;
}

/** What each parameter of a request is told, by its name. */
export type ParameterValues = ReadonlyMap<string, string | readonly string[]>;

/** Longer values are asked for by nobody: they would not fit into an address. */
const MAX_VALUE_LENGTH = 512;

/** Values of a list are given in one address up to this length. */
const MAX_LIST_LENGTH = 4_000;

/** A value as a parameter takes it; undefined where it takes no such value, so that nothing can be found by it. */
export function writtenValue({ parameter }: Pick<Filter, 'parameter'>, value: KeyValue): string | undefined {
  const text = String(value);
  const { schema, list } = parameter;
  if (text === '' || text.length > MAX_VALUE_LENGTH || /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text)) return undefined;
  if (text.length < (numberIn(schema['minLength']) ?? 0)) return undefined;
  if (text.length > (numberIn(schema['maxLength']) ?? MAX_VALUE_LENGTH)) return undefined;
  if (list?.delimiter && text.includes(list.delimiter)) return undefined;
  // Dots between slashes mean another place, and not every server looks for them before it decodes.
  if (parameter.in === 'path' && text.split(/[/\\]/).some((step) => step === '.' || step === '..')) return undefined;
  const typed = typedValue(schema['type'], text);
  return typed === undefined || valueCheck(schema)(typed) ? undefined : text;
}

function typedValue(type: unknown, text: string): KeyValue | undefined {
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('string')) return text;
  if (types.includes('integer') || types.includes('number'))
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (types.includes('boolean')) return text === 'true' || text === 'false' ? text === 'true' : undefined;
  return text;
}

/** Values in lists as long as one request takes them. */
export function listsOf(parameter: Parameter, values: readonly string[]): string[][] {
  const lists: string[][] = [];
  let length = 0;
  for (const value of values) {
    const current = lists.at(-1);
    length += value.length + 1;
    if (current && current.length < (parameter.list?.maxItems ?? DEFAULT_LIST) && length <= MAX_LIST_LENGTH)
      current.push(value);
    else {
      lists.push([value]);
      length = value.length + 1;
    }
  }
  return lists;
}

/** Values in one request where the document does not say how many. */
const DEFAULT_LIST = 50;

/** The path and query of a request to an operation. @param base the path that the service is below, without a slash at its end */
export function requestPath(base: string, { path, parameters }: Operation, values: ParameterValues): string {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encoded(values.get(name) ?? '', ','));
  const query = parameters.flatMap(({ name, in: place, list }) => {
    const value = values.get(name);
    if (place !== 'query' || value === undefined) return [];
    const key = encodeURIComponent(name);
    if (typeof value === 'string' || list?.delimiter != null)
      return [`${key}=${encoded(value, list?.delimiter ?? ',')}`];
    return value.map((each) => `${key}=${encodeURIComponent(each)}`);
  });
  return `${base}${filled}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

function encoded(value: string | readonly string[], delimiter: string): string {
  return typeof value === 'string'
    ? encodeURIComponent(value)
    : value.map(encodeURIComponent).join(delimiter === ',' ? ',' : encodeURIComponent(delimiter));
}
