import { StartError } from '../program.ts';
import type { Environment } from '../settings.ts';
import type { YamlFile, YamlPath } from './yaml-file.ts';

/** `${NAME}`, or `${NAME:-what counts where it is not set}`. */
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Whether a text takes anything from the environment. */
export function hasReference(text: string): boolean {
  return text.search(REFERENCE) >= 0;
}

/** A text with what the environment has in place of its references. @throws StartError where one is not set and nothing is given in its place */
export function filledIn(text: string, env: Environment): string {
  return text.replaceAll(REFERENCE, (_, name: string, fallback: string | undefined) => {
    const found = env[name] || fallback;
    if (found !== undefined) return found;
    throw new StartError(`${name} is not set`);
  });
}

/** The environment variable that a value names first. */
export function firstReference(value: unknown): string | undefined {
  return typeof value === 'string' ? [...value.matchAll(REFERENCE)][0]?.[1] : undefined;
}

/** Whether everything that a value takes from the environment is there, or has something in its place. */
export function canResolve(value: unknown, env: Environment): boolean {
  const texts = JSON.stringify(value).matchAll(REFERENCE);
  return [...texts].every(([, name = '', fallback]) => Boolean(env[name] || fallback));
}

/**
 * Puts values of the environment in place of the references to them, in all texts of a value. What they are is never in a
 * message: they may be secret.
 *
 * @param at where the value stands in the file
 * @param meaning what a setting must be, where that is known: stands in the message about a missing one
 * @throws StartError where one is not set and nothing is given in its place
 */
export function resolveReferences(
  value: unknown,
  env: Environment,
  { yaml, at, meaning }: { yaml: YamlFile; at: YamlPath; meaning(setting: PropertyKey): string | undefined },
): unknown {
  const resolve = (inner: unknown, path: YamlPath): unknown => {
    if (typeof inner === 'string')
      return inner.replaceAll(REFERENCE, (_, name: string, fallback: string | undefined) => {
        const found = env[name] || fallback;
        if (found !== undefined) return found;
        const must = meaning(path[at.length] ?? '');
        throw new StartError(
          `${name} is not set; ${must ? `it must be ${must}` : `see ${path.join('.')}`} (${yaml.place(path)})`,
        );
      });
    if (Array.isArray(inner)) return inner.map((each: unknown, index) => resolve(each, [...path, index]));
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, resolve(each, [...path, key])]));
  };
  return resolve(value, at);
}
