import { expect, test } from 'vitest';
import { killInBurst } from './burst.ts';

// `npm run campaign` kills a hundred.
test.each([0, 1, 2, 3])(
  'a gateway that is killed in a burst of webhooks has all that it answered, and each once (seed %i)',
  async (seed) => {
    const outcome = await killInBurst(seed);

    expect(outcome.faults).toEqual([]);
    expect(outcome.answered).toBeGreaterThan(0);
    expect(outcome.answered).toBeLessThan(outcome.sent);
  },
);
