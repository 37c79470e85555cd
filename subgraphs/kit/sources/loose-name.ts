/** A name as it is compared: `Meter Address`, `meter_address` and `meterAddress` are one. */
export function looseName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}$]/gu, '');
}
