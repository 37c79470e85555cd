import { parseSync, Visitor } from 'oxc-parser';

/** One import, re-export, `import()` or `import('…')` type in a file. */
export interface Import {
  specifier: string;
  /** 1-based. */
  line: number;
  /** Nothing of it is left when the types are stripped. */
  typeOnly: boolean;
}

/** What the rules need to know of a file. */
export interface Source {
  imports: Import[];
  /** The lines, 1-based, that read `process`. */
  processReads: number[];
  /** Does nothing but export what other files hold. */
  barrel: boolean;
  /** Why it could not be read, where it could not. */
  broken?: { message: string; line: number };
}

/**
 * Reads imports and more out of a file's text.
 *
 * @param file its name, which tells TypeScript from JavaScript
 */
export function readSource(file: string, text: string): Source {
  const lineOf = lineFinder(text);
  const { program, module, errors } = parseSync(file, text);
  const [error] = errors;
  if (error) {
    const line = lineOf(error.labels[0]?.start ?? 0);
    return { imports: [], processReads: [], barrel: false, broken: { message: error.message, line } };
  }
  const imports: Import[] = [];
  const processReads: number[] = [];
  for (const { moduleRequest, entries, start } of module.staticImports) {
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType);
    imports.push({ specifier: moduleRequest.value, line: lineOf(start), typeOnly });
  }
  const add = (specifier: string, start: number, typeOnly: boolean): void => {
    imports.push({ specifier, line: lineOf(start), typeOnly });
  };
  const isProcess = (node: { type: string; name?: unknown } | null): boolean =>
    node?.type === 'Identifier' && node.name === 'process';
  new Visitor({
    ExportNamedDeclaration(node) {
      if (node.source) add(node.source.value, node.start, node.exportKind === 'type');
    },
    ExportAllDeclaration: (node) => add(node.source.value, node.start, node.exportKind === 'type'),
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string')
        add(node.source.value, node.start, false);
    },
    TSImportType: (node) => add(node.source.value, node.start, true),
    MemberExpression(node) {
      const global = node.object.type === 'Identifier' && node.object.name === 'globalThis';
      const property = node.property.type === 'Identifier' && node.property.name === 'process';
      if (isProcess(node.object) || (global && property)) processReads.push(lineOf(node.start));
    },
    VariableDeclarator(node) {
      if (isProcess(node.init)) processReads.push(lineOf(node.start));
    },
  }).visit(program);
  for (const { specifier, line } of imports) if (/^(node:)?process$/.test(specifier)) processReads.push(line);
  return { imports, processReads: [...new Set(processReads)], barrel: isBarrel(program.body) };
}

function isBarrel(body: readonly { type: string; source?: unknown; declaration?: unknown }[]): boolean {
  const exportsOnly = body.every(({ type, declaration }) => {
    if (type === 'ImportDeclaration' || type === 'ExportAllDeclaration') return true;
    return type === 'ExportNamedDeclaration' && !declaration;
  });
  return exportsOnly && body.some(({ type }) => type !== 'ImportDeclaration');
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const next = starts.findIndex((start) => start > offset);
    return next < 0 ? starts.length : next;
  };
}
