/**
 * Draws places from 0 to `count` - 1, the n-th 1/n times as often as the first (Zipf's law): few are asked for all the time, and many
 * now and then. The same seed draws the same places.
 */
export function createZipf(count: number, seed = 1): () => number {
  let sum = 0;
  const upTo = Array.from({ length: count }, (_, place) => (sum += 1 / (place + 1)));
  const random = createRandom(seed);
  return () => {
    const wanted = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** From 0 to 1, by a linear congruence (Numerical Recipes, "Quick and Dirty Generators"). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
