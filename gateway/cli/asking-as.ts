import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { ANONYMOUS, type Caller, type Identity } from '../caller.ts';
import { ConfigError } from '../config/config.ts';
import { readPurpose } from '../identity/purpose.ts';

const texts = z.union([z.string().min(1), z.array(z.string().min(1))]).transform((given) => [given].flat());

/** Who asks, as it is written for a command. */
const identitySchema = z.union([
  z.literal('anonymous').transform((): Identity => ANONYMOUS),
  z
    .strictObject({
      /** Default: a person. */
      kind: z.enum(['anonymous', 'person', 'system']).default('person'),
      subject: z.string().optional(),
      organisation: z.string().optional(),
      department: z.string().optional(),
      /** A list, or a text for one. */
      roles: texts.default([]),
      scopes: texts.default([]),
      claims: z.record(z.string(), z.unknown()).default({}),
    })
    .transform(({ subject, organisation, department, ...rest }): Identity => {
      return { proof: 'none', subject, organisation, department, ...rest };
    }),
]);

/** What a command is told of what is asked for; each stands for the header of that name. */
export interface PurposeOptions {
  purpose?: string | undefined;
  legalBasis?: string | undefined;
  consent?: string | undefined;
  case?: string | undefined;
}

const callersSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      identity: identitySchema,
      purpose: z
        .strictObject({
          purpose: z.string().optional(),
          legalBasis: z.string().optional(),
          consent: z.string().optional(),
          case: z.string().optional(),
        })
        .default({}),
    }),
  )
  .min(1);

/**
 * Who asks, and what for, by the options of a command.
 * @param as `anonymous`, JSON, or a file of JSON or YAML
 * @throws ConfigError where it says nobody
 */
export async function readCaller(as: string, options: PurposeOptions): Promise<Caller> {
  const isInline = as === 'anonymous' || as.trimStart().startsWith('{');
  const value = as === 'anonymous' ? as : readYaml(isInline ? as : await readText('--as', as), '--as');
  const parsed = identitySchema.safeParse(value);
  if (!parsed.success)
    throw new ConfigError(
      `--as is no identity; it takes "anonymous", or an object, such as {"roles":["doctor"]}.\n${faultsOf(parsed.error)}`,
    );
  return { identity: parsed.data, purpose: purposeOf(options) };
}

/** Who may ask, by name: a list in a file of JSON or YAML. @throws ConfigError where it is none */
export async function readNamedCallers(file: string): Promise<{ name: string; caller: Caller }[]> {
  const parsed = callersSchema.safeParse(readYaml(await readText('--identities', file), file));
  if (!parsed.success)
    throw new ConfigError(
      `${file} is no list of identities, such as "- { name: a doctor, identity: { roles: doctor } }".\n${faultsOf(parsed.error)}`,
    );
  return parsed.data.map(({ name, identity, purpose }) => ({
    name,
    caller: { identity, purpose: purposeOf(purpose) },
  }));
}

function purposeOf({ purpose, legalBasis, consent, case: caseNumber }: PurposeOptions): Caller['purpose'] {
  const headers = {
    'switchyard-purpose': purpose,
    'switchyard-legal-basis': legalBasis,
    'switchyard-consent': consent,
    'switchyard-case': caseNumber,
  };
  const given = Object.entries(headers).filter(([, text]) => text !== undefined);
  const read = readPurpose(Object.fromEntries(given.map(([name, text]) => [name, encodeURIComponent(text!)])));
  if ('ok' in read) throw new ConfigError(read.errors.map(({ message }) => message).join('\n'));
  return read;
}

async function readText(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${option} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function readYaml(text: string, origin: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new ConfigError(`${origin} is neither JSON nor YAML: ${(error as Error).message}`, { cause: error });
  }
}

/** Of an identity that is none, what is wrong with the object, and not that it is not "anonymous". */
function faultsOf(error: z.ZodError): string {
  const issues = error.issues.flatMap((issue) =>
    issue.code === 'invalid_union'
      ? (issue.errors.at(-1) ?? []).map((each) => ({ ...each, path: [...issue.path, ...each.path] }))
      : issue,
  );
  return z.prettifyError({ issues });
}
