/** One import on the way round a cycle. */
export interface CycleStep {
  file: string;
  line: number;
  specifier: string;
}

interface Edge {
  target: string;
  line: number;
  specifier: string;
}

/** One shortest way round for each group of files that import each other, starting at the file that sorts first. */
export function findCycles(graph: ReadonlyMap<string, readonly Edge[]>): CycleStep[][] {
  return groups(graph).flatMap((group) => {
    const [start] = [...group].sort();
    return start === undefined ? [] : [shortestWayRound(graph, start)];
  });
}

function shortestWayRound(graph: ReadonlyMap<string, readonly Edge[]>, start: string): CycleStep[] {
  const ways: CycleStep[][] = [[]];
  const seen = new Set<string>();
  for (const way of ways) {
    const file = way.length === 0 ? start : targetOf(graph, way);
    for (const { target, line, specifier } of graph.get(file) ?? []) {
      const longer = [...way, { file, line, specifier }];
      if (target === start) return longer;
      if (!seen.has(target)) ways.push(longer);
      seen.add(target);
    }
  }
  return [];
}

function targetOf(graph: ReadonlyMap<string, readonly Edge[]>, way: readonly CycleStep[]): string {
  const last = way.at(-1);
  const edge = graph
    .get(last?.file ?? '')
    ?.find(({ line, specifier }) => line === last?.line && specifier === last.specifier);
  return edge?.target ?? '';
}

/** The strongly connected parts that hold a cycle, by Tarjan's algorithm; recursive, since no project's imports run deep. */
function groups(graph: ReadonlyMap<string, readonly Edge[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    stack.push(file);
    for (const { target } of graph.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      else if (!stack.includes(target)) continue;
      lowest.set(file, Math.min(lowest.get(file) ?? 0, lowest.get(target) ?? 0));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    const importsItself = graph.get(file)?.some(({ target }) => target === file);
    if (group.length > 1 || importsItself) found.push(group);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}
