import type { Indicator } from './catalogue.ts';

/** Where and how the publisher of an indicator writes it, in words. */
export function describeMethod({ paths, notation, notation: { written, after, listed } }: Indicator): string {
  const field = paths.map((path) => `"${path.join(' / ')}"`).join(', else ');
  const unit = written === '' ? 'a bare number' : `a number in "${written}"`;
  if (notation.coordinate !== undefined)
    return `The ${notation.coordinate} of the pair in ${field}, in decimal degrees.`;
  if (listed !== undefined) return `Number ${listed} of the list in parentheses in ${field}.`;
  if (after !== undefined) return `What stands behind "${after}" in ${field}, ${unit}.`;
  return `What ${field} ${notation.named ? 'has behind a name' : 'begins with'}, ${unit}; one for each line.`;
}
