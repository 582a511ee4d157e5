import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eurosFromCents, eurosFromEuros, signedByKind } from '../../src/didfarm/money.ts';

describe('cents', () => {
  test.each([
    [150, '1.50'],
    ['150', '1.50'],
    [0, '0.00'],
    [5, '0.05'],
    [-1, '-0.01'],
    [0.8, '0.008'],
    ['123456789012345', '1234567890123.45'],
  ])('%s are %s euros', (cents, euros) => {
    expect(eurosFromCents(cents)).toBe(euros);
  });

  test('any whole number of them is exact', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (cents) => {
        const digits = String(cents).padStart(3, '0');
        expect(eurosFromCents(cents)).toBe(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
      }),
    );
  });
});

describe('euros', () => {
  test.each([
    ['142.50', '142.50'],
    [142.5, '142.50'],
    ['-3', '-3.00'],
    ['+3.1', '3.10'],
    [0.008, '0.008'],
    [1e-7, '0.0000001'],
    [0.1 + 0.2, '0.30'],
    [-0, '0.00'],
    ['-0.000000001', '0.00'],
    ['0.000000005', '0.00'],
    ['0.000000015', '0.00000002'],
    ['0.123456785', '0.12345678'],
    ['0.123456775', '0.12345678'],
  ])('%s is written %s', (given, euros) => {
    expect(eurosFromEuros(given)).toBe(euros);
  });

  test.each(['', 'abc', '1,50', '1.2.3', '1e5', '€5', '0x10', '--1', Number.NaN, Number.POSITIVE_INFINITY])(
    '%s is no amount',
    (given) => {
      expect(eurosFromEuros(given)).toBeNull();
    },
  );

  test('up to eight decimals every amount keeps its value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (units) => {
        const digits = String(units < 0n ? -units : units).padStart(9, '0');
        const text = `${units < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`;
        const trimmed = text.replace(/0{1,6}$/, '');
        expect(eurosFromEuros(text)).toBe(trimmed);
      }),
    );
  });
});

test.each([
  ['1.50', 'debit', '-1.50'],
  ['1.50', 'WITHDRAWAL', '-1.50'],
  ['1.50', 'monthly_charge', '-1.50'],
  ['-1.50', 'debit', '-1.50'],
  ['0.00', 'debit', '0.00'],
  ['1.50', 'refund', '1.50'],
  ['1.50', 'chargeback', '1.50'],
  ['1.50', null, '1.50'],
  ['-1.50', 'credit', '-1.50'],
  ['1.50', 'monthlyCharge', '-1.50'],
  ['1.50', 'SMS charges', '-1.50'],
  ['1.50', 'surcharge', '-1.50'],
  ['1.50', 'recharge', '1.50'],
  ['1.50', 'wallet_recharge', '1.50'],
  ['1.50', 'walletRecharge', '1.50'],
  ['1.50', 'autorecharge', '1.50'],
  ['1.50', 'discharged', '1.50'],
])('%s of a row of kind %s counts as %s', (amount, kind, signed) => {
  expect(signedByKind(amount, kind)).toBe(signed);
});

test('whatever undoes a debit, or fills the wallet, leaves the amount as it is', () => {
  const undoing = [
    'refund',
    'refunded',
    'reversal',
    'reversed',
    'cancelled',
    'cancellation',
    'credit',
    'recharge',
    'top-up',
  ];
  const debit = fc.constantFrom('debit', 'charge', 'charges', 'withdrawal', 'surcharge');
  fc.assert(
    fc.property(
      fc.constantFrom(...undoing),
      debit,
      fc.constantFrom('_', ' ', '-', '.'),
      fc.boolean(),
      (undo, word, gap, first) => {
        const kind = (first ? [undo, word] : [word, undo]).join(gap);
        expect(signedByKind('1.50', kind)).toBe('1.50');
        expect(signedByKind('1.50', kind.toUpperCase())).toBe('1.50');
        expect(signedByKind('1.50', `monthly${gap}${word}`)).toBe('-1.50');
      },
    ),
  );
});
