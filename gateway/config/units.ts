import { z } from 'zod';

/** A setting that is a time, at most an hour. */
export const milliseconds = z.number().int().min(1).max(3_600_000);

/** A setting that says how many. */
export const count = z.number().int().min(1);

/** A setting that is an address whose answers, or what is sent there, nobody on the way may read or change. */
export const safeUrl = z
  .url({ protocol: /^https?$/ })
  .refine(isSafeUrl, 'must be https, without a user; http is for 127.0.0.1, [::1] and localhost');

function isSafeUrl(text: string): boolean {
  const { protocol, hostname, username, password } = new URL(text);
  const isHere = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return (protocol === 'https:' || isHere) && username === '' && password === '';
}
