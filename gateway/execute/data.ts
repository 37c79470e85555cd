/** An object of a subgraph's answer, or of what was merged from several. */
export type DataObject = Record<string, unknown>;

/** Tells objects from lists, leaves and null. */
export function isDataObject(value: unknown): value is DataObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Merges one answer into another, in place. Objects merge field by field, lists item by item; where both have a value
 * that is neither, the later one stands. The type an object has is not lost again: a department that knows it as an
 * `@interfaceObject` gives the interface's name.
 *
 * @param interfaceNames names of the supergraph's interfaces
 */
export function mergeInto(target: DataObject, source: DataObject, interfaceNames: ReadonlySet<unknown>): void {
  if (target === source) return;
  for (const key of Object.keys(source)) {
    const value = source[key];
    const known = readOwn(target, key);
    if (known === undefined || known === null) setOwn(target, key, value);
    else if (value !== null && !(key === '__typename' && interfaceNames.has(value)))
      setOwn(target, key, mergeValues(known, value, interfaceNames));
  }
}

function mergeValues(known: unknown, value: unknown, interfaceNames: ReadonlySet<unknown>): unknown {
  if (isDataObject(known) && isDataObject(value)) {
    mergeInto(known, value, interfaceNames);
    return known;
  }
  if (Array.isArray(known) && Array.isArray(value) && known.length === value.length) {
    for (let index = 0; index < known.length; index++) {
      if (known[index] === null || value[index] === null) continue;
      known[index] = mergeValues(known[index], value[index], interfaceNames);
    }
    return known;
  }
  return value;
}

/** A client may call a field by a name that every object inherits. */
export function readOwn(object: Readonly<DataObject>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A client may call a field `__proto__`; as a plain assignment that would change the object's prototype. */
function setOwn(target: DataObject, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}
