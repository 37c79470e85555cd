import type { Authoriser } from './authorise/authoriser.ts';
import type { KnownOperations, UsedOperation } from './known-operations.ts';

/** What became of operations that were to be made ready. */
export interface MadeReady {
  /** Those that can be run. */
  planned: number;
  /** Those that do not fit the supergraph, or that no plan was found for. */
  unfit: number;
  /** Those that there was no time for. */
  left: number;
}

/** Plans and compiles operations, one after the other so that whoever asks meanwhile is not kept waiting. */
export async function makeReady(
  { operations, authoriser }: { operations: KnownOperations; authoriser: Authoriser },
  used: readonly UsedOperation[],
  isOver: () => boolean,
): Promise<MadeReady> {
  const made = { planned: 0, unfit: 0, left: used.length };
  for (const { parameters, uses, variables, caller } of used) {
    if (isOver()) break;
    made.left -= 1;
    const known = operations.recall(parameters);
    if ('ok' in known) {
      made.unfit += 1;
      continue;
    }
    // What was asked for long ago counts less with each supergraph.
    known.uses = Math.ceil(uses / 2);
    const { compiled } = operations.select(known, variables, authoriser.authorityOf(caller));
    await compiled.then(
      () => (made.planned += 1),
      () => (made.unfit += 1),
    );
  }
  return made;
}
