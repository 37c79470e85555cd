import type { QueryPlan } from '@apollo/query-planner';
import { z } from 'zod';

/** What a plan may do. */
export interface PlanBounds {
  /** Names of the subgraphs that it may ask. */
  subgraphs: ReadonlySet<string>;
  /** Whether it may ask them for mutations. */
  isMutation: boolean;
}

/** Whether a value has the shape of a plan that this gateway can run. What its fetches ask for is not looked at. */
export type IsPlan = (value: unknown) => value is QueryPlan;

const list = z.array(z.looseObject({})).optional();
const guard = z.looseObject({ typeName: z.string(), fieldName: z.string(), record: list, rewrites: list }).optional();

/** Makes a check of plans within bounds. */
export function planCheck({ subgraphs, isMutation }: PlanBounds): IsPlan {
  const fetchNode = z.looseObject({
    kind: z.literal('Fetch'),
    serviceName: z.string().refine((name) => subgraphs.has(name)),
    operation: z.string().min(1),
    operationKind: z.enum(isMutation ? ['query', 'mutation'] : ['query']),
    operationName: z.string().optional(),
    variableUsages: z.array(z.string()).optional(),
    requires: list,
    inputRewrites: list,
    outputRewrites: list,
    contextRewrites: list,
    guard,
  });
  const flattenNode = z.looseObject({
    kind: z.literal('Flatten'),
    path: z.array(z.union([z.string(), z.number()])),
    get node() {
      return planNode;
    },
  });
  const severalNodes = z.looseObject({
    kind: z.enum(['Sequence', 'Parallel']),
    get nodes() {
      return z.array(planNode);
    },
  });
  const planNode: z.ZodType = z.discriminatedUnion('kind', [fetchNode, flattenNode, severalNodes]);
  const plan = z.looseObject({ kind: z.literal('QueryPlan'), node: planNode.optional(), unsupplied: list });
  return (value): value is QueryPlan => plan.safeParse(value).success;
}
