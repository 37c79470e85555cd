import type { ResponsePath } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { pathSteps, type PathStep } from '../plan/plan-path.ts';
import { access, accessChain } from './access-code.ts';
import { coverLine, type Cover } from './covers.ts';
import { NotCompilable } from './not-compilable.ts';
import { childPosition, positionTypeNames, typeNameSource, type Position, type ResultSites } from './positions.ts';
import { RepresentationCode, type RepresentationInput } from './representation-code.ts';

/** What an entity fetch takes its representations from. */
export interface CollectInput extends RepresentationInput {
  path: ResponsePath;
}

/** Where a walk stands. */
interface Standing {
  position: Position;
  /** The types of the objects there that it goes on from. Undefined: any. */
  leading?: PathStep['types'];
}

/** Writes how the entities of fetches are found, in functions `c<fetch>`. */
export class CollectCode {
  readonly #walks: string[] = [];
  readonly #results: ResultSites;
  readonly #representations: RepresentationCode;

  constructor(results: ResultSites, schema: GraphQLSchema) {
    this.#results = results;
    this.#representations = new RepresentationCode(results, schema);
  }

  get functions(): string[] {
    return [...this.#representations.functions, ...this.#walks];
  }

  /** The position that a path leads to. */
  resolve(root: Position, path: ResponsePath): Position {
    let position = root;
    let leading: PathStep['types'];
    for (const { key, types } of pathSteps(path)) {
      if (key !== '@') position = childPosition(position, key, this.#results, leading).position;
      if (position.sites.length === 0) throw new NotCompilable(`nothing is known at ${path.join('.')}`);
      leading = types;
    }
    return position;
  }

  /**
   * Writes `c<fetch>(to)` for a fetch that shares its results: it finds the result of each entity, and makes the
   * representation of those that were not asked for yet. It returns whether some were, and are still under way.
   *
   * @param covers what other fetches take from the results
   */
  shared(root: Position, input: CollectInput, covers: readonly Cover[]): void {
    const { fetch, group, path } = input;
    const covering = (cover: Cover, member: (name: string) => string): string =>
      coverLine(cover, this.#results, { taken: `new TakenLater(r, y${cover.id})`, member });
    this.#representations.write(this.resolve(root, path), input, {
      find: [`const known = R.k${group}.get(k);`, 'if (known !== undefined) return known;'],
      add: (typeName, member) => [
        'const r = to.add(text, type);',
        `R.k${group}.set(k, r);`,
        ...covers.filter((cover) => cover.typeName === typeName).map((cover) => covering(cover, member)),
        'return r;',
      ],
    });
    const visit = `if (o.g${group} === undefined) {
    const r = q${fetch}(o, to);
    if (r === undefined) o.g${group} = null;
    else { o.g${group} = PENDING; to.objects.push(o); to.results.push(r); }
  } else if (o.g${group} === PENDING) waits = true;`;
    this.#walks.push(`function c${fetch}(to) {
  let waits = false;
  ${this.#walk({ position: root }, pathSteps(path), 'R', visit)}
  return waits;
}`);
  }

  /**
   * Writes `c<fetch>()` for fetches that begin together and hand in the same, `fetch` being the first of them: it gives a
   * batch with a place for each entity.
   */
  batch(root: Position, input: CollectInput): void {
    const { fetch, path } = input;
    this.#representations.write(this.resolve(root, path), input, {
      find: [
        `if (to.looks) {
    const known = to.byKey.get(k);
    if (known !== undefined) return known;
    to.byKey.set(k, to.texts.length);
  }`,
      ],
      add: () => ['to.types.push(type);', 'return to.texts.push(text) - 1;'],
    });
    // An object stands in several places where equal ones became one.
    const visit = `if (o.g${fetch} === undefined) {
    const place = q${fetch}(o, to);
    o.g${fetch} = null;
    if (place !== undefined) { to.objects.push(o); to.places.push(place); }
  }`;
    this.#walks.push(`const h${fetch} = new Habit();
function c${fetch}() {
  if (R.b${fetch} !== undefined) return R.b${fetch};
  const to = R.b${fetch} = new Batch(h${fetch}.isWorthwhile());
  ${this.#walk({ position: root }, pathSteps(path), 'R', visit)}
  if (to.looks) h${fetch}.learn(to.places.length, to.texts.length);
  return to;
}`);
  }

  #walk({ position, leading }: Standing, [step, ...rest]: readonly PathStep[], name: string, visit: string): string {
    if (!step) return `{ const o = ${name};\n  ${visit} }`;
    const { key, types } = step;
    const depth = name === 'R' ? 0 : Number(name.slice(1));
    const next = `v${depth + 1}`;
    if (key === '@') {
      const inner = this.#walk({ position, leading: types }, rest, next, visit);
      return `for (const ${next} of ${name}) if (${next} !== null${this.#test(position, types, next)}) ${inner}`;
    }
    const child = childPosition(position, key, this.#results, leading);
    const inner = this.#walk({ position: child.position, leading: types }, rest, next, visit);
    const test = this.#test(child.position, types, next);
    return `{ const ${next} = ${accessChain(name, child.sources)};\n  if (${next} !== null && ${next} !== undefined${test}) ${inner} }`;
  }

  /** Code that tells, with an "and" before it, whether an object is of one of some types; nothing where it cannot but be. */
  #test(position: Position, types: PathStep['types'], name: string): string {
    const names = positionTypeNames(position, this.#results);
    if (!types || names.every((typeName) => types.includes(typeName))) return '';
    const found = access(name, typeNameSource(position, names, this.#results));
    const tests = types.map((typeName) => `${found} === ${JSON.stringify(JSON.stringify(typeName))}`);
    return ` && (${tests.join(' || ')})`;
  }
}

/**
 * Classes that finding entities needs. Whether an entity was handed in already is only worth looking up where it often was:
 * until a few hundred were looked up, and then where it is so for one of sixteen. That is tried again now and then, and what
 * is long ago counts less.
 */
export const COLLECT_RUNTIME = `
class Batch {
  constructor(looks) { this.looks = looks; this.byKey = looks ? new Map() : undefined; this.objects = []; this.places = []; this.texts = []; this.types = []; }
}
class Habit {
  constructor() { this.tries = 0; this.hits = 0; this.turns = 0; }
  isWorthwhile() { return this.hits * 16 + 256 > this.tries || ++this.turns % 16 === 0; }
  learn(found, handedIn) {
    this.tries += found;
    this.hits += found - handedIn;
    if (this.tries > 4096) { this.tries /= 2; this.hits /= 2; }
  }
}
`;
