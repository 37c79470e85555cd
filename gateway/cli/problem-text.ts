import type { CompositionProblem } from '../supergraph/composition.ts';
import { colors } from './colors.ts';

/** How a composition error is shown: what, where, and what to do. */
export function describeProblem({ code, message, places, advice }: CompositionProblem): string {
  const where = places.map(
    ({ department, origin, line, column }) => `${colors.cyan(`${origin}:${line}:${column}`)} (${department})`,
  );
  return paragraph(colors.red(code), message, where.join('\n  '), advice);
}

/** What is wrong, where, and what to do. */
export function paragraph(code: string, message: string, where: string, advice: string): string {
  return [`${code} ${message}`, ...(where ? [`  ${where}`] : []), `  ${colors.bold('To do:')} ${advice}`].join('\n');
}

/** What keeps departments from being one graph, with places and what to do. */
export function compositionText(problems: readonly CompositionProblem[]): string {
  return problems.map(describeProblem).join('\n\n');
}
