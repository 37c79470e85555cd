import { Department, type SharedByDepartments, type SubgraphTransport } from './department.ts';
import { RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';

/** What holds for all departments of a gateway together. */
export interface DepartmentsOptions {
  retryBudget: RetryBudgetOptions;
  /** Told when a subgraph begins or ends to be left alone. Default: nobody. */
  onCircuit?: SharedByDepartments['onCircuit'];
}

interface Held {
  department: Department;
  /** Fetchers that ask it. */
  holders: number;
}

/**
 * The departments that a gateway asks over HTTP, by whichever of its supergraphs: one that two supergraphs name, and ask in the same way, is
 * one, with its connections, its limit and what is known of its failures.
 */
export class Departments {
  readonly #shared: SharedByDepartments;
  readonly #held = new Map<string, Held>();

  constructor({ retryBudget, onCircuit = () => undefined }: DepartmentsOptions) {
    this.#shared = { budget: new RetryBudget(retryBudget), onCircuit };
  }

  /** Gives a department, to be let go of by {@link release}. No connection is made before it is needed. */
  hold(name: string, transport: SubgraphTransport): Department {
    const key = keyOf(name, transport);
    let held = this.#held.get(key);
    if (!held) this.#held.set(key, (held = { department: new Department(name, transport, this.#shared), holders: 0 }));
    held.holders += 1;
    return held.department;
  }

  /** Lets go of a department; where nobody else holds it, lets requests under way finish and closes its connections. */
  async release({ name, transport, channel }: Department): Promise<void> {
    const key = keyOf(name, transport);
    const held = this.#held.get(key)!;
    held.holders -= 1;
    if (held.holders > 0) return;
    this.#held.delete(key);
    await channel.close();
  }
}

/** One text for all transports that are alike. Which key signs is the gateway's setting, and the same for all of them. */
function keyOf(name: string, { sign, ...transport }: SubgraphTransport): string {
  return JSON.stringify([name, transport, sign !== undefined]);
}
