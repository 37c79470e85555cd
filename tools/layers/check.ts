import path from 'node:path';
import { findCycles } from './cycles.ts';
import type { Import, Source } from './source.ts';
import { BARRELS, CONFINED_PACKAGES, IO_MODULES, LAYERS, type Layer } from './table.ts';

/** One place where a file breaks a rule. */
export interface Finding {
  file: string;
  /** 1-based. */
  line: number;
  /** What is imported there, as it is written; empty where the rule is not about an import. */
  imports: string;
  rule: string;
  /** What to do. */
  instead: string;
}

/** The layer a file belongs to; `folder` tells the folders apart that a `*` stands for. */
interface Home {
  layer: Layer;
  folder: string;
}

/** Every place that breaks a rule of the table, in the files' order. */
export function checkLayers(sources: ReadonlyMap<string, Source>): Finding[] {
  const graph = new Map<string, { target: string; line: number; specifier: string }[]>();
  const findings: Finding[] = [];
  for (const [file, source] of sources) {
    findings.push(...checkFile(file, source));
    const edges = source.imports.flatMap(({ specifier, line }) => {
      const target = resolve(file, specifier);
      return target !== undefined && sources.has(target) ? [{ target, line, specifier }] : [];
    });
    graph.set(file, edges);
  }
  for (const cycle of findCycles(graph)) {
    const [first] = cycle;
    if (!first) continue;
    const way = [...cycle.map((step) => step.file), first.file].join(' -> ');
    const rule = `no import cycle: ${way}`;
    const instead = 'move what both need into a file of its own, which imports neither';
    findings.push({ file: first.file, line: first.line, imports: first.specifier, rule, instead });
  }
  return findings.sort((one, other) => one.file.localeCompare(other.file) || one.line - other.line);
}

function checkFile(file: string, source: Source): Finding[] {
  if (source.broken) {
    const rule = `cannot be parsed: ${source.broken.message}`;
    return [{ file, line: source.broken.line, imports: '', rule, instead: 'mend the syntax' }];
  }
  const home = homeOf(file);
  if (!home) {
    const instead =
      'move it into a folder of the table, or add its folder to tools/layers/table.ts with what it may import';
    return [{ file, line: 1, imports: '', rule: 'a file belongs to a layer', instead }];
  }
  const findings = source.imports.flatMap((entry) => checkImport(file, home, entry) ?? []);
  const { readsProcess = [] } = home.layer;
  if (readsProcess !== true && !readsProcess.includes(path.posix.basename(file))) {
    const rule = `${home.layer.name} does not read process.*`;
    const instead = 'take the value as an argument; the program that starts it reads process.*';
    findings.push(...source.processReads.map((line) => ({ file, line, imports: '', rule, instead })));
  }
  if (source.barrel && !BARRELS.includes(file)) {
    const rule = `no barrel but ${BARRELS.join(' and ')}`;
    const instead = 'import from the files that hold the things, and delete this one';
    findings.push({ file, line: 1, imports: '', rule, instead });
  }
  return findings;
}

function checkImport(file: string, home: Home, entry: Import): Finding | undefined {
  const found = (rule: string, instead: string): Finding => ({
    file,
    line: entry.line,
    imports: entry.specifier,
    rule,
    instead,
  });
  const target = resolve(file, entry.specifier);
  if (target === undefined) return checkPackage(file, home, entry, found);
  const there = homeOf(target);
  if (home.layer.imports === 'any' || !there) return undefined;
  const sameLayer = there.layer === home.layer;
  if (sameLayer && (there.folder === home.folder || !standsForMany(home.layer))) return undefined;
  if (!sameLayer && home.layer.imports.includes(there.layer.name)) return undefined;
  if (home.layer.typesOf?.includes(there.layer.name)) {
    if (entry.typeOnly) return undefined;
    return found(
      `${nameOf(home)} may import types of ${nameOf(there)}, and nothing that runs`,
      'write `import type`, or take the thing as an argument',
    );
  }
  return found(`${nameOf(home)} may not import ${nameOf(there)}`, home.layer.instead);
}

function checkPackage(
  file: string,
  home: Home,
  entry: Import,
  found: (rule: string, instead: string) => Finding,
): Finding | undefined {
  const name = entry.specifier.replace(/^node:/, '');
  const isOf = (owner: string): boolean => name === owner || name.startsWith(`${owner}/`);
  const confined = CONFINED_PACKAGES.find((rule) => isOf(rule.package));
  if (confined && file.startsWith(confined.within) && !file.startsWith(confined.onlyIn)) {
    return found(`${confined.package} is imported in ${confined.onlyIn} only`, confined.instead);
  }
  if (home.layer.io || !IO_MODULES.some(isOf)) return undefined;
  return found(
    `${nameOf(home)} does not touch the world`,
    'do it in a folder that the table marks `io`, and hand the result or a function in',
  );
}

/** The project's file that a specifier names; undefined for a package. */
function resolve(file: string, specifier: string): string | undefined {
  if (/^\.{1,2}\//.test(specifier)) return path.posix.join(path.posix.dirname(file), specifier);
  // The package's own name leads to its one entry.
  return specifier === 'switchyard' ? 'gateway/index.ts' : undefined;
}

function homeOf(file: string): Home | undefined {
  let best: (Home & { length: number }) | undefined;
  for (const layer of LAYERS) {
    for (const held of layer.holds) {
      const folder = matched(file, held);
      // A folder named outright goes before the `*` that would also fit it.
      const length = held.replace('*', '').length;
      if (folder !== undefined && length > (best?.length ?? 0)) best = { layer, folder, length };
    }
  }
  return best;
}

function matched(file: string, held: string): string | undefined {
  if (!held.endsWith('/')) return file === held ? held : undefined;
  const wanted = held.slice(0, -1).split('/');
  const parts = file.split('/');
  const fits = parts.length > wanted.length && wanted.every((part, index) => part === '*' || part === parts[index]);
  return fits ? parts.slice(0, wanted.length).join('/') : undefined;
}

function nameOf(home: Home): string {
  return standsForMany(home.layer) ? `${home.layer.name} ${home.folder}/` : home.layer.name;
}

function standsForMany(layer: Layer): boolean {
  return layer.holds.some((held) => held.includes('*'));
}
