import { z } from 'zod';
import { checked, type Checked } from '../kit/checked.ts';

/** A column of the registry's rows, and how its text becomes the field's value. */
interface Field {
  column: string;
  schema: z.ZodType;
}

/** The registry's words for the sizes of `AirportSize`. */
export const REGISTRY_TYPES: Readonly<Record<string, string>> = {
  LARGE: 'large_airport',
  MEDIUM: 'medium_airport',
  SMALL: 'small_airport',
  HELIPORT: 'heliport',
  SEAPLANE_BASE: 'seaplane_base',
  CLOSED: 'closed',
};

const SIZES = new Map(Object.entries(REGISTRY_TYPES).map(([size, type]) => [type, size]));

const none = z.literal('').transform(() => null);
const text = none.or(z.string({ error: 'not text' }));
const size = z
  .string({ error: 'not text' })
  .transform((type) => SIZES.get(type))
  .refine((known) => known !== undefined, 'not a size the registry has');
const wholeNumber = none.or(
  z
    .string()
    .regex(/^-?\d{1,9}$/, 'not a whole number')
    .transform(Number),
);
const yesOrNo = z.enum(['yes', 'no'], { error: 'neither yes nor no' }).transform((answer) => answer === 'yes');

/** The fields of an airport that are columns of its row. */
export const AIRPORT_FIELDS: Readonly<Record<string, Field>> = {
  iata: { column: 'iata_code', schema: none.or(z.string().regex(/^[A-Z0-9]{3}$/, 'not an IATA code')) },
  name: { column: 'name', schema: text },
  size: { column: 'type', schema: size },
  municipality: { column: 'municipality', schema: text },
  latitudeDeg: { column: 'latitude_deg', schema: degrees(90) },
  longitudeDeg: { column: 'longitude_deg', schema: degrees(180) },
  elevationFt: { column: 'elevation_ft', schema: wholeNumber },
  scheduledService: { column: 'scheduled_service', schema: yesOrNo },
};

/** The key of the region an airport lies in. */
export const REGION_KEY: Field = { column: 'iso_region', schema: none.or(z.string({ error: 'not text' })) };

/** The fields of a region that are columns of its row. */
export const REGION_NAME: Field = { column: 'name', schema: text };

/** The country of a region; the registry's `ZZ` says that it belongs to none. */
export const REGION_COUNTRY: Field = {
  column: 'iso_country',
  schema: z
    .string({ error: 'not text' })
    .regex(/^[A-Z]{2}$/, 'not a country code')
    .transform((code) => (code === 'ZZ' ? null : code)),
};

/** Reads one field of a row; a value that does not fit is an error at the field's place. */
export function readField(
  row: Readonly<Record<string, unknown>>,
  { column, schema }: Field,
  owner: string,
): Checked<unknown> {
  return checked(schema, row[column], `${column} of ${owner}`);
}

function degrees(max: number): z.ZodType {
  return z
    .string({ error: 'not text' })
    .regex(/^-?\d+(\.\d+)?$/, 'not a number')
    .transform(Number)
    .refine((value) => Math.abs(value) <= max, `not within ${max} degrees`);
}
