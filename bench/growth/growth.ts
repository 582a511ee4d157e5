import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, median, overRounds, rounded, spreadOf } from '../figures.ts';
import { type Page, pagesOf } from './pages.ts';
import { openPicture, type Picture } from './picture.ts';

const sizes = { small: { transactions: 1_000, numbers: 100 }, large: { transactions: 1_000_000, numbers: 100_000 } };
const rounds = 3;
/** A round asks each page so often, or for so many milliseconds. */
const most = { times: 100, milliseconds: 1_500 };

/** The same pages on a small and on a large account, each picture in a file of its own, in turns in one process. */
export async function growth(say: (line: string) => void): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-growth-'));
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
    await rm(folder, { recursive: true });
  }
}

async function compare(small: Picture, large: Picture): Promise<Figure[]> {
  const figures: Figure[] = [];
  const ofLarge = await pagesOf(large);
  for (const [place, page] of (await pagesOf(small)).entries()) {
    const twin = ofLarge[place];
    if (!twin) continue;
    const times = { small: [] as number[], large: [] as number[] };
    for (const which of [page, twin]) await which.ask();
    for (let round = 0; round < rounds; round++) {
      times.small.push(await typical(page));
      times.large.push(await typical(twin));
    }
    const [few, many] = [overRounds(times.small), overRounds(times.large)];
    figures.push({
      row: 'growth',
      what: page.name,
      ratio: `${rounded(many.median / few.median)}×`,
      seen: `${rounded(many.median)} ms`,
      beside: `small ${rounded(few.median)} ms`,
      spread: spreadOf(few, many),
      data: { small: few, large: many },
    });
  }
  return figures;
}

/** Milliseconds of the median question of a round. */
async function typical({ ask }: Page): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + most.milliseconds;
  while (times.length < most.times && performance.now() < end) {
    const startedAt = performance.now();
    await ask();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}
