import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Figure, median, overRounds, rounded, rounds, spreadOf, times } from '../figures.ts';
import { inFolder } from '../folder.ts';
import { holdFigure } from '../gateway.ts';
import { watchHolds } from '../holds.js';
import type { Run } from '../run.ts';
import { type Page, pagesOf } from './pages.ts';
import { openPicture, type Picture } from './picture.ts';

const sizes = { small: { transactions: 1_000, numbers: 100 }, large: { transactions: 1_000_000, numbers: 100_000 } };
const aim = { most: 1.2 };
/** A round asks each page so often, or for so many milliseconds. */
const most = { times: 100, milliseconds: 1_500 };

/** The same pages on a small and on a large account, each picture in a file of its own, in turns in one process. */
export async function growth({ say }: Run): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const open: Picture[] = [];
    try {
      for (const [name, size] of Object.entries(sizes)) {
        const startedAt = performance.now();
        const picture = await openPicture(join(folder, `${name}.db`), size);
        const { transactions, numbers } = picture.size;
        open.push(picture);
        const seconds = (performance.now() - startedAt) / 1000;
        say(`${name}: ${transactions} transactions and ${numbers} numbers, filled in ${rounded(seconds)} s`);
      }
      const [small, large] = open;
      if (!small || !large) return [];
      return await compare(small, large);
    } finally {
      for (const picture of open) await picture.close();
    }
  });
}

async function compare(small: Picture, large: Picture): Promise<Figure[]> {
  const figures: Figure[] = [];
  const ofLarge = await pagesOf(large);
  const holds = watchHolds();
  for (const [place, page] of (await pagesOf(small)).entries()) {
    const twin = ofLarge[place];
    if (!twin) continue;
    const seen = { small: [] as number[], large: [] as number[] };
    for (const which of [page, twin]) await typical(which);
    for (let round = 0; round < rounds; round++) {
      seen.small.push(await typical(page));
      seen.large.push(await typical(twin));
    }
    const [few, many] = [overRounds(seen.small), overRounds(seen.large)];
    figures.push({
      row: 'growth',
      what: page.name,
      ratio: times(many.median / few.median),
      ...(page.isLinear ? {} : { aim }),
      seen: `${rounded(many.median)} ms`,
      beside: `small ${rounded(few.median)} ms`,
      spread: spreadOf(few, many),
      data: { small: few, large: many },
    });
  }
  const held = await holds.seen();
  holds.stop();
  return [...figures, holdFigure('growth', [held])];
}

/** Milliseconds of the median question of a round. */
async function typical({ ask }: Page): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + most.milliseconds;
  while (times.length < most.times && performance.now() < end) {
    const startedAt = performance.now();
    await ask();
    times.push(performance.now() - startedAt);
    // Asked in this process nothing comes in between by itself, and the loop would seem to be held all the time.
    await setImmediate();
  }
  return median(times);
}
