import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Deadline } from '../deadline.ts';
import { answerError, ERROR_CATALOGUE, type AnswerError } from '../errors.ts';
import { toPlainAnswer } from '../message.ts';
import { QUERY_ID_HEADER, type HandleRequest, type Identify } from './graph-endpoint.ts';
import type { AddRoutes } from './server.ts';

/** Where the Data Tracker asks: behind `/trail`, which is the service's address to it. */
export const FIND_USAGE_PATH = '/trail/v3/findUsage';

export interface FindUsageOptions {
  handle: HandleRequest;
  identify: Identify;
  requestTimeoutMs: number;
  /** Whether the graph has the trail; where it has not, there is nothing at this address. */
  isServed(): boolean;
}

/**
 * Tells callers who was given something of them, by the interface of Estonia's Data Tracker (Andmejälgija, findUsage of its version 3).
 * It asks the graph as any client does, so that one rule decides for both and one record is left.
 *
 * @see https://github.com/e-gov/AJ/blob/master/doc/spetsifikatsioonid/dumonitor-openapi-v3.yaml
 */
export function findUsageRoute(options: FindUsageOptions): AddRoutes {
  return (app) =>
    app.get(FIND_USAGE_PATH, { exposeHeadRoute: false }, async (request, reply) => {
      if (!options.isServed()) return reply.callNotFound();
      reply.header('cache-control', 'no-store');
      return findUsage(options, request, reply);
    });
}

const OPERATION = `query findUsage($first: Int, $offset: Int, $since: String, $until: String, $subject: String, $systems: [String!]) {
  trail {
    aboutMe(first: $first, offset: $offset, since: $since, until: $until, subject: $subject, logSourceSystems: $systems) {
      total
      records {
        logTime purpose operationName legalBasis consentReference queryId queryGroupId logSourceSystem
        hiddenReason hiddenUntil initiatorOrg initiatorDepartment initiatorPerson
      }
    }
  }
}`;

const oneOrSeveral = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
/** What a gateway gives is the answer to others' requests, in the Data Tracker's words. */
const GIVEN = 'DATA_RESPONSE';
const PROCESSING_TYPES: readonly string[] = ['DATA_REQUEST', GIVEN, 'DATA_PROCESSING', 'INTERNAL_PROCESSING'];

const parametersSchema = z.strictObject({
  userCode: z.string().optional(),
  processingType: oneOrSeveral
    .refine((types) => types.every((type) => PROCESSING_TYPES.includes(type)))
    .default([GIVEN]),
  // No request to a gateway is marked as one of many.
  includeBulkProcessing: z.enum(['true', 'false']).optional(),
  logSourceSystems: oneOrSeveral.optional(),
  periodStart: z.iso.datetime({ offset: true }).optional(),
  periodEnd: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  offset: z.coerce.number().int().min(0).default(0),
});

type Parameters = z.output<typeof parametersSchema>;

/** What the graph gives at once, and how far it counts. */
const MAX_RETURNED = 1_000;
const MAX_COUNTED = 10_000;

async function findUsage(
  { handle, identify, requestTimeoutMs }: FindUsageOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const caller = await identify(request.raw);
  if ('ok' in caller) {
    if (caller.challenge !== undefined) reply.header('www-authenticate', caller.challenge);
    return writeError(reply, caller.httpStatus, caller.errors[0]!);
  }
  const parsed = parametersSchema.safeParse(request.query);
  if (!parsed.success) return reply.code(400).send({ code: 'BAD_REQUEST', message: z.prettifyError(parsed.error) });
  const deadline = new Deadline(requestTimeoutMs);
  try {
    const parameters = { query: OPERATION, variables: variablesOf(parsed.data) };
    const answer = await handle({ parameters, caller, mutationsAllowed: false }, deadline);
    if (answer.recorded) reply.header(QUERY_ID_HEADER, answer.recorded.queryId);
    const { data, errors = [] } = toPlainAnswer(answer);
    const page = (data?.['trail'] as { aboutMe: Page | null } | null | undefined)?.aboutMe;
    const [error = answerError('INTERNAL_SERVER_ERROR')] = errors;
    if (!page) return await writeError(reply, statusOf(error), error);
    return await reply.send(parsed.data.processingType.includes(GIVEN) ? usagesOf(page) : NO_USAGES);
  } finally {
    deadline.clear();
  }
}

function variablesOf({ limit, offset, periodStart, periodEnd, userCode, logSourceSystems }: Parameters) {
  return {
    first: Math.min(limit, MAX_RETURNED),
    offset,
    since: periodStart,
    until: periodEnd,
    subject: userCode,
    systems: logSourceSystems,
  };
}

interface Page {
  readonly total: number | null;
  readonly records: readonly UsageRecord[];
}

type UsageRecord = Readonly<
  { logTime: string; queryId: string; logSourceSystem: string } & Record<OptionalName, string | null>
>;
type OptionalName =
  | ('purpose' | 'operationName' | 'legalBasis' | 'consentReference' | 'queryGroupId' | 'hiddenReason' | 'hiddenUntil')
  | ('initiatorOrg' | 'initiatorDepartment' | 'initiatorPerson');

const NO_USAGES = { totalUsages: 0, returnedUsages: 0, dataResponses: [] };

function usagesOf({ total, records }: Page): object {
  return {
    totalUsages: total ?? MAX_COUNTED + 1,
    returnedUsages: records.length,
    dataResponses: records.map(usageOf),
  };
}

/** What the trail does not know is left out; of organisations it has no register codes and types. */
function usageOf(record: UsageRecord): object {
  const { initiatorOrg, initiatorDepartment, initiatorPerson, operationName, purpose, ...rest } = record;
  const organisation = initiatorDepartment ?? initiatorOrg;
  const { logSourceSystem } = record;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
    purpose: purpose ?? operationName ?? 'not stated',
    ...(organisation === null ? {} : { initiatorOrg: { name: organisation } }),
    ...(initiatorPerson === null ? {} : { initiatorPerson: { alternativeCode: initiatorPerson } }),
    target: { name: logSourceSystem, systemName: logSourceSystem },
  };
}

const STATUSES: Readonly<Record<string, number | undefined>> = {
  ...Object.fromEntries(Object.entries(ERROR_CATALOGUE).map(([code, { httpStatus }]) => [code, httpStatus])),
  UNAUTHORIZED_FIELD_OR_TYPE: 403,
  TRAIL_UNGUARDED: 403,
  TRAIL_OFF: 404,
};

/** In the graph what is not given leaves the rest of an answer standing; here it is the whole. */
function statusOf({ extensions: { code } }: AnswerError): number {
  const httpStatus = STATUSES[code] ?? 500;
  return httpStatus === 200 ? 502 : httpStatus;
}

function writeError(
  reply: FastifyReply,
  httpStatus: number,
  { message, extensions: { code } }: AnswerError,
): FastifyReply {
  return reply.code(httpStatus).send({ code, message });
}
