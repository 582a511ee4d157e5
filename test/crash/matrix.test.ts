import { describe, expect, test } from 'vitest';
import { crash } from './campaign.ts';
import { deeds } from './deeds.ts';
import { points } from './errand.ts';

// Every second crash of one seed each; `npm run campaign` runs all of them over many seeds.
const short = deeds.flatMap((deed, row) =>
  points.flatMap((point, column) => ((row + column) % 2 === 0 ? [{ ...deed, deed, point, seed: column % 2 }] : [])),
);

describe.concurrent('a gateway that is killed', () => {
  test.each(short)(
    'at $path of $field, $point: it is done at most once, charged at most once, and the operation tells the truth',
    async ({ deed, point, seed }) => {
      expect(await crash(deed, point, seed)).toMatchObject({ faults: [] });
    },
  );
});
