import { expect, test } from 'vitest';
import { chartOf } from '../../bench/chart.ts';
import { changesOf } from '../../bench/compare.ts';
import { type Figure, overRounds, reached, share, times } from '../../bench/figures.ts';
import { tableOf } from '../../bench/table.ts';

const figure = (own: Partial<Figure>): Figure => ({
  row: 'answers',
  what: 'one query again and again',
  ratio: share(0.5),
  seen: '500/s',
  beside: 'bare 1,000/s',
  data: {},
  ...own,
});

test('each aim says whether it is met, in the way its ratio is written', () => {
  const table = tableOf([
    figure({ what: 'at least', ratio: share(0.76), aim: { least: 0.75 } }),
    figure({ what: 'too little', ratio: times(1.9), aim: { least: 2 } }),
    figure({ what: 'at most', ratio: times(1.2), aim: { most: 1.2 } }),
    figure({ what: 'too much', ratio: share(1.01), aim: { most: 1 } }),
    figure({ what: 'none' }),
  ]);

  expect(table.split('\n').map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ['ratio', 'aim', 'row', 'figure'],
    ['76%', '≥ 75% met', 'answers', 'at least'],
    ['1.9×', '≥ 2× MISSED', 'answers', 'too little'],
    ['1.2×', '≤ 1.2× met', 'answers', 'at most'],
    ['101%', '≤ 100% MISSED', 'answers', 'too much'],
    ['50%', 'answers', 'none', '500/s'],
  ]);
});

test('a ratio that could not be measured meets no aim', () => {
  expect(reached(share(Number.NaN), { most: 1 }) >= 1).toBe(false);
});

test('the middle round counts, and the distance between the outer ones is the noise', () => {
  expect(overRounds([10, 30, 20])).toMatchObject({ median: 20, spread: 1 });
});

test('two runs are compared by their ratios, whatever their order', () => {
  const before = [figure({ what: 'gone' }), figure({ ratio: share(0.4), spread: '±1%' })];
  const after = [figure({ ratio: share(0.5), spread: '±2%' }), figure({ what: 'added' })];

  const lines = changesOf(before, after).split('\n');

  expect(lines[1]?.split(/ {2,}/)).toEqual(['+25%', 'answers', 'one query again and again', '40%', '50%', '±1%, ±2%']);
  expect(lines.slice(2)).toEqual(['new: answers: added 50%']);
});

test('the chart has a bar for each aim and for each that was asked the same, and escapes what it is told', () => {
  const chart = chartOf({ model: 'A & B <1>' }, [
    figure({ rates: { bare: 1_000, gateway: 500, Mercurius: 250 }, aim: { least: 0.25 } }),
    figure({ what: 'memory', ratio: share(1.5), aim: { most: 1 } }),
    figure({ what: 'no aim' }),
  ]);

  const bars = [...chart.matchAll(/<rect class="(\w+)"[^>]*width="([\d.]+)"/g)].map(([, kind, length]) => [
    kind,
    Number(length),
  ]);
  expect(bars.map(([kind]) => kind)).toEqual(['other', 'gateway', 'other', 'met', 'missed']);
  const [bare = [], gateway = [], peer = []] = bars;
  expect(Number(gateway[1]) / Number(bare[1])).toBe(0.5);
  expect(Number(peer[1]) / Number(bare[1])).toBe(0.25);
  expect(chart).toContain('A &amp; B &lt;1&gt;');
});
