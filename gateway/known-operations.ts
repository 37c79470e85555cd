import type { QueryPlan } from '@apollo/query-planner';
import { LRUCache } from 'lru-cache';
import type { RecordedOperation } from './audit/recorded-operation.ts';
import type { Authority } from './authorise/authoriser.ts';
import type { Decision } from './authorise/decision.ts';
import {
  conditionsOf,
  coordinatesOf,
  findRestrictions,
  refusalErrors,
  type Restriction,
} from './authorise/restrictions.ts';
import type { Caller } from './caller.ts';
import { GatewayFault, type AnswerError, type Refusal } from './errors.ts';
import { compilePlan, type CompiledPlan } from './execute/compile.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { RequestParameters } from './message.ts';
import { collectFields } from './operation/collect-fields.ts';
import { conditionKey } from './operation/conditions.ts';
import { FULL_ACCESS, type FieldAccess, type GuardedField } from './operation/field-access.ts';
import { prepareOperation, type PreparedOperation } from './operation/prepare.ts';
import { planOperation } from './plan/plan-operation.ts';
import { ProgramRunner } from './program/program-runner.ts';
import { compileProjection, type CompiledProjection } from './project/compile.ts';

/** An operation that has been seen before and is checked. */
export interface KnownOperation {
  prepared: PreparedOperation;
  ways: LRUCache<string, OperationWay>;
  /** How often it was asked for. */
  uses: number;
}

/** An operation for one way its `@skip` and `@include` go. */
interface OperationWay {
  /** Variables by which it goes this way. */
  variables: Readonly<Record<string, unknown>>;
  /** Numbers of the access conditions that it depends on. */
  access: readonly number[];
  /** For callers from whom nothing is withheld, by whatever rules. */
  open: LRUCache<string, OperationVariant>;
  /** For the others, by what may be seen of it. Other rules never meet what was made by those before. */
  byRules: WeakMap<Authority['options'], LRUCache<string, OperationVariant>>;
}

/** An operation for all callers who may see the same of it. */
export interface OperationVariant {
  /** Numbers of the access conditions that it depends on. */
  access: readonly number[];
  /** Of the first of these callers. */
  authority: Authority;
  compiled: Promise<CompiledOperation>;
  /** What `compiled` resolves to, once it has: a request need not wait for what is there. */
  ready: CompiledOperation | undefined;
}

/** An operation ready to run. */
export interface CompiledOperation {
  /** What callers may see of it. */
  access: FieldAccess;
  /** What is not given as it is. */
  restrictions: readonly Restriction[];
  /** What would not be, if the rules were enforced and not only reported. */
  reported: readonly Restriction[];
  /** What callers are told of what is refused. */
  refusals: readonly AnswerError[];
  plan: QueryPlan;
  /** The quick way, for answers as they should be; absent where there is only the plain one. */
  program: ProgramRunner | undefined;
  /** The plain way, for everything. */
  runPlan: CompiledPlan;
  project: CompiledProjection;
  /** What records say of it; absent where none are written. */
  recorded: RecordedOperation | undefined;
}

/** An operation as somebody asked for it; `variables` are those that its `@skip` and `@include` depend on. */
export interface UsedOperation {
  parameters: Pick<RequestParameters, 'query' | 'operationName'>;
  /** How often, by whomever. */
  uses: number;
  variables: Readonly<Record<string, unknown>>;
  caller: Caller;
}

/** Ways of `@skip` and `@include` that are kept for one operation. */
const MAX_WAYS = 32;
/** Kinds of authority that are kept for one of them. */
const MAX_VARIANTS = 64;

/** How long an operation that could not be planned in time is refused without another try. */
const PLANNING_TIMEOUT_REMEMBERED_MS = 60_000;

/** Keeps operations ready to run. */
export class KnownOperations {
  readonly #parts: GatewayParts;
  readonly #operations: LRUCache<string, KnownOperation>;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#operations = new LRUCache({ max: parts.maxOperations });
  }

  /** What is known of an operation; on first sight it is checked. */
  recall(parameters: RequestParameters): KnownOperation | Refusal {
    const key = `${parameters.operationName ?? ''}\0${parameters.query}`;
    const known = this.#operations.get(key);
    if (known) {
      known.uses += 1;
      return known;
    }
    const prepared = this.#prepare(parameters);
    if (!prepared.ok) return prepared;
    const added: KnownOperation = { prepared, ways: new LRUCache({ max: MAX_WAYS }), uses: 1 };
    this.#operations.set(key, added);
    return added;
  }

  /** What was asked for and can be run, the most often asked first. @param options of the authorities of now */
  used(options: Authority['options']): UsedOperation[] {
    const known = [...this.#operations].toSorted(([, one], [, other]) => other.uses - one.uses);
    return known.flatMap(([key, { ways, uses }]) => {
      const end = key.indexOf('\0');
      const parameters = { operationName: key.slice(0, end) || undefined, query: key.slice(end + 1) };
      return [...ways.values()].flatMap(({ variables, open, byRules }) =>
        [...open.values(), ...(byRules.get(options)?.values() ?? [])].map(({ authority: { caller } }) => {
          return { parameters, uses, variables, caller };
        }),
      );
    });
  }

  /** Grants of an authority that something of the operation is given by. */
  grantsFor(
    { prepared, ways }: KnownOperation,
    variables: Readonly<Record<string, unknown>>,
    authority: Authority,
  ): readonly string[] {
    return authority.groundsFor(this.#way(prepared, ways, variables).access).grants;
  }

  #prepare(parameters: RequestParameters): PreparedOperation | Refusal {
    const { supergraph, recorder, prepare } = this.#parts;
    return prepareOperation(parameters, { ...supergraph, subjects: recorder?.subjects }, prepare);
  }

  /** The operation for these variables and this authority; on first sight its planning begins. */
  select(
    { prepared, ways }: KnownOperation,
    variables: Readonly<Record<string, unknown>>,
    authority: Authority,
  ): OperationVariant {
    const way = this.#way(prepared, ways, variables);
    const key = authority.keyFor(way.access);
    const variants = variantsFor(way, key === '' ? undefined : authority);
    const known = variants.get(key);
    if (known) return known;
    const compiled = compileOperation(this.#parts, prepared, variables, key === '' ? undefined : authority);
    const added: OperationVariant = { access: way.access, authority, compiled, ready: undefined };
    variants.set(key, added);
    const onCompiled = (operation: CompiledOperation): void => {
      added.ready = operation;
    };
    compiled.then(onCompiled, (error: unknown) => {
      if (variants.peek(key) !== added) return;
      const remembered = error instanceof GatewayFault && error.code === 'PLANNING_TIMEOUT';
      if (remembered) variants.set(key, added, { ttl: PLANNING_TIMEOUT_REMEMBERED_MS });
      else variants.delete(key);
    });
    return added;
  }

  #way(
    prepared: PreparedOperation,
    ways: LRUCache<string, OperationWay>,
    variables: Readonly<Record<string, unknown>>,
  ): OperationWay {
    const key = conditionKey(prepared.conditionVariables, variables);
    let way = ways.get(key);
    if (!way) {
      const { apiSchema: schema, access } = this.#parts.supergraph;
      const context = { schema, fragments: prepared.fragments, variables };
      way = {
        variables: Object.fromEntries(prepared.conditionVariables.map((name) => [name, variables[name]])),
        access: conditionsOf(prepared.operation, context, access),
        open: new LRUCache({ max: 1 }),
        byRules: new WeakMap(),
      };
      ways.set(key, way);
    }
    return way;
  }
}

/** Kept operations to look among. @param authority absent where nothing is withheld */
function variantsFor(
  { open, byRules }: OperationWay,
  authority: Authority | undefined,
): LRUCache<string, OperationVariant> {
  if (!authority) return open;
  let variants = byRules.get(authority.options);
  if (!variants) byRules.set(authority.options, (variants = new LRUCache({ max: MAX_VARIANTS })));
  return variants;
}

/**
 * @param authority absent where nothing is withheld
 * @throws GatewayFault PLANNING_FAILED where the plan leaves out what is asked, and as the planner
 */
async function compileOperation(
  { supergraph, planner, maskErrors, recorder, usePrograms = true, onReported }: GatewayParts,
  prepared: PreparedOperation,
  variables: Readonly<Record<string, unknown>>,
  authority: Authority | undefined,
): Promise<CompiledOperation> {
  const { apiSchema, fullSchema, tolerantFields, entityKeys } = supergraph;
  const subjects = recorder?.subjects;
  const { operation, fragments, dataKeys } = prepared;
  const access: FieldAccess = authority ?? FULL_ACCESS;
  const context = { schema: apiSchema, fragments, variables, dataKeys, access };
  const restrictions = authority
    ? findRestrictions(operation, context, (typeName, fieldName) => authority.applied(typeName, fieldName))
    : [];
  const tolerant = tolerantFieldsOf(operation, context, supergraph);
  const looksAtRecords = tolerant.length > 0 || restrictions.some(({ decision }) => decision.alternatives);
  const guarded = [...(looksAtRecords ? access.guarded : []), ...withheldFrom(tolerant, access)];
  const plan = await planOperation({ planner, apiSchema, access, guarded, subjects }, prepared, variables);
  if (!plan.node && asksDepartments(operation, context))
    throw new GatewayFault(
      'PLANNING_FAILED',
      'The planner gave an empty plan for an operation that selects something.',
    );
  const reported = authority ? findReported(operation, context, authority) : [];
  if (reported.length > 0) onReported?.(prepared, reported);
  return {
    access,
    restrictions,
    reported,
    refusals: refusalErrors(restrictions),
    plan,
    program:
      // Programs make whole representations.
      usePrograms && plan.node && tolerant.length === 0
        ? ProgramRunner.compile({
            plan,
            operation,
            fragments,
            dataKeys,
            apiSchema,
            fullSchema,
            variables,
            access,
            subjects,
          })
        : undefined,
    runPlan: compilePlan(plan, { schema: fullSchema, maskErrors, access, tolerantFields, entityKeys }),
    project: compileProjection(operation, context),
    recorded: recorder?.describe(operation, { ...context, restrictions, reported, conditions: supergraph.access }),
  };
}

/** The fields of an operation that tolerate that something they require is missing. */
function tolerantFieldsOf(
  operation: PreparedOperation['operation'],
  context: Parameters<typeof findRestrictions>[1],
  { tolerantFields }: GatewayParts['supergraph'],
): string[] {
  if (tolerantFields.size === 0) return [];
  return coordinatesOf(operation, context, () => true).filter((coordinate) => tolerantFields.has(coordinate));
}

/** What must not be asked for the sake of these fields; each once. */
function withheldFrom(coordinates: readonly string[], access: FieldAccess): GuardedField[] {
  const found = coordinates.flatMap((coordinate) => {
    const [typeName, fieldName] = coordinate.split('.') as [string, string];
    return access.withheldFrom(typeName, fieldName) ?? [];
  });
  return [...new Map(found.map((field) => [`${field.typeName}.${field.fieldName}`, field])).values()];
}

/** What is refused by the schema is not given, and what stands below it not reported. */
function findReported(
  operation: PreparedOperation['operation'],
  context: Parameters<typeof findRestrictions>[1],
  authority: Authority,
): Restriction[] {
  if (authority.options.mode !== 'report') return [];
  const isReported = new Set<Decision>();
  const found = findRestrictions(operation, context, (typeName, fieldName) => {
    const applied = authority.applied(typeName, fieldName);
    if (applied) return applied;
    const reported = authority.reported(typeName, fieldName);
    if (reported) isReported.add(reported);
    return reported;
  });
  return found.filter(({ decision }) => isReported.has(decision));
}

function asksDepartments(
  { operation, selectionSet }: PreparedOperation['operation'],
  context: Parameters<typeof compileProjection>[1],
): boolean {
  const rootType = context.schema.getRootType(operation)!;
  return collectFields(rootType, [selectionSet], context).some(
    ({ node: { name } }) =>
      !name.value.startsWith('__') && context.access.of(rootType.name, name.value)?.kind !== 'refused',
  );
}
