import { expect, test } from 'vitest';
import { generateCity } from '../../systems/city/generate.ts';

const city = generateCity();
const enterprises = new Map(city.enterprises.map((enterprise) => [enterprise.uscc, enterprise]));
const loans = city.creditFiles.flatMap(({ uscc, loans: own }) => own.map((loan) => ({ uscc, loan })));

test('every enterprise has one credit file, and about half of them borrowed', () => {
  expect(new Set(city.creditFiles.map(({ uscc }) => uscc))).toEqual(new Set(enterprises.keys()));
  const share = city.creditFiles.filter((file) => file.loans.length > 0).length / city.creditFiles.length;
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.7);
});

test('numbers of loans and flags are each one’s own', () => {
  expect(new Set(loans.map(({ loan }) => loan.loanNo)).size).toBe(loans.length);
  const flags = city.creditFiles.flatMap((file) => file.flags);
  expect(new Set(flags.map(({ flagNo }) => flagNo)).size).toBe(flags.length);
});

test('nobody lends to who is not there yet, and what was paid back is owed no more', () => {
  for (const { uscc, loan } of loans) {
    const { establishedOn, status } = enterprises.get(uscc)!;
    expect(loan.grantedOn >= establishedOn && loan.grantedOn <= '2026-09-30', JSON.stringify(loan)).toBe(true);
    expect(loan.outstandingCny === 0, JSON.stringify(loan)).toBe(loan.state === 'REPAID');
    expect(loan.outstandingCny).toBeLessThanOrEqual(loan.principalCny);
    // Who has ended pays no instalments.
    if (status !== 'ACTIVE') expect(loan.state).not.toBe('PERFORMING');
  }
});

test('a loan that is overdue is flagged', () => {
  for (const { loans: own, flags } of city.creditFiles) {
    const overdue = own.filter(({ state }) => state === 'OVERDUE').length;
    expect(flags.filter(({ kind }) => kind === 'OVERDUE_90_DAYS')).toHaveLength(overdue);
  }
});
