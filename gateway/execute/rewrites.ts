import type { FetchDataRewrite } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isDataObject, type DataObject } from './data.ts';
import { possibleTypeNames } from './type-names.ts';

/** Changes an object in place, as the planner's rewrites of a fetch's input or output say. */
export type Rewrite = (object: DataObject) => void;

type Apply = (object: DataObject, key: string) => void;

/** Compiles the planner's rewrites; without any, the result does nothing. */
export function compileRewrites(rewrites: readonly FetchDataRewrite[] | undefined, schema: GraphQLSchema): Rewrite {
  const compiled = (rewrites ?? []).map((rewrite) => compileRewrite(rewrite, schema));
  return (object) => {
    for (const rewrite of compiled) rewrite(object);
  };
}

function compileRewrite(rewrite: FetchDataRewrite, schema: GraphQLSchema): Rewrite {
  switch (rewrite.kind) {
    case 'ValueSetter':
      return along(rewrite.path, schema, (object, key) => {
        object[key] = rewrite.setValueTo as unknown;
      });
    case 'KeyRenamer':
      return along(rewrite.path, schema, (object, key) => {
        if (!(key in object)) return;
        object[rewrite.renameKeyTo] = object[key];
        delete object[key];
      });
  }
}

/** Path elements are field names and type conditions, the latter written `... on Type`. */
function along(path: readonly string[], schema: GraphQLSchema, apply: Apply): Rewrite {
  const [first, ...rest] = path;
  if (first === undefined) return () => undefined;
  if (first.startsWith('... on ')) {
    const names = possibleTypeNames(first.slice('... on '.length), schema);
    const next = along(rest, schema, apply);
    return (object) => {
      if (names.has(object['__typename'])) next(object);
    };
  }
  if (rest.length === 0) return (object) => apply(object, first);
  const next = along(rest, schema, apply);
  return (object) => eachObject(object[first], next);
}

function eachObject(value: unknown, visit: Rewrite): void {
  if (Array.isArray(value)) for (const item of value) eachObject(item, visit);
  else if (isDataObject(value)) visit(value);
}
