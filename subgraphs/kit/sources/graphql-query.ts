import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  getNullableType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLOutputType,
} from 'graphql';
import type { GraphqlDocument } from './graphql-document.ts';
import type { ServiceRequest } from './service-reading.ts';

/** An operation as it is sent: each request is a field under an alias of its own, `a0` and so on. */
export interface GraphqlQuery {
  query: string;
  variables: Readonly<Record<string, unknown>>;
}

/** Objects in objects that are read whole. */
const MAX_DEPTH = 3;

/** Puts requests into one operation. */
export function writeQuery(document: GraphqlDocument, requests: readonly ServiceRequest[]): GraphqlQuery {
  const variables = new Map<string, { type: string; value: unknown }>();
  const fields = requests.map(({ operation, values, select }, at) => {
    const field = document.field(operation);
    const bind = (type: string, value: unknown): string => {
      const name = `v${variables.size}`;
      variables.set(name, { type, value });
      return `$${name}`;
    };
    const args = writeArguments(field.args, '', { values, bind });
    return `a${at}: ${field.name}${args === '' ? '' : `(${args})`} ${selection(field.type, select)}`;
  });
  const declared = [...variables].map(([name, { type }]) => `$${name}: ${type}`).join(', ');
  return {
    query: `query ${declared === '' ? '' : `(${declared})`} { ${fields.join(' ')} }`,
    variables: Object.fromEntries([...variables].map(([name, { value }]) => [name, value])),
  };
}

interface Writing {
  values: ServiceRequest['values'];
  bind(type: string, value: unknown): string;
}

function writeArguments(
  args: readonly (GraphQLArgument | GraphQLInputField)[],
  before: string,
  writing: Writing,
): string {
  return args
    .flatMap(({ name, type }) => {
      const path = `${before}${name}`;
      const value = writing.values.get(path);
      const plain = getNamedType(type);
      if (value !== undefined) {
        const read = (text: string): unknown => (isEnumType(plain) ? text : typedValue(plain.name, text));
        return [`${name}: ${writing.bind(String(type), typeof value === 'string' ? read(value) : value.map(read))}`];
      }
      const object = getNullableType(type);
      if (!isInputObjectType(object)) return [];
      const inner = writeArguments(Object.values(object.getFields()), `${path}.`, writing);
      return inner === '' ? [] : [`${name}: { ${inner} }`];
    })
    .join(', ');
}

function typedValue(type: string, text: string): unknown {
  if (type === 'Int' || type === 'Float') return Number(text);
  return type === 'Boolean' ? text === 'true' : text;
}

/** What is wanted of a type; empty where it is a value. Ways that lead nowhere are left out: they are only asked by. */
function selection(type: GraphQLOutputType, paths: readonly string[], depth = 1): string {
  const plain = getNamedType(type);
  if (!isObjectType(plain) && !isInterfaceType(plain)) return '';
  const steps = Map.groupBy(paths, (path) => path.split('.', 1)[0]!);
  const fields = [...steps].flatMap(([name, ways]) => {
    const field = plain.getFields()[name];
    if (!field || field.args.some(isRequiredArgument)) return [];
    const inner = ways.map((way) => way.slice(name.length + 1)).filter((way) => way !== '');
    if (isLeafType(getNamedType(field.type))) return [name];
    const all = inner.length > 0 || depth === MAX_DEPTH ? inner : fieldsOf(field.type);
    return [`${name} ${selection(field.type, all, depth + 1)}`];
  });
  return `{ ${fields.length === 0 ? '__typename' : fields.join(' ')} }`;
}

function fieldsOf(type: GraphQLOutputType): string[] {
  const plain = getNamedType(type);
  return isObjectType(plain) || isInterfaceType(plain) ? Object.keys(plain.getFields()) : [];
}
