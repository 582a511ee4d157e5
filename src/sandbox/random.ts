/** A well-mixed 32-bit number out of a seed and keys: the same for the same arguments, so nothing has to be stored. */
export function hash(seed: number, ...keys: readonly (string | number)[]): number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const mix = (value: number) => {
    state = Math.imul(state ^ value, 0x85ebca6b) >>> 0;
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35) >>> 0;
    state = (state ^ (state >>> 16)) >>> 0;
  };
  for (const key of keys) {
    if (typeof key === 'number') mix(key + 1);
    else for (let i = 0; i < key.length; i++) mix(key.charCodeAt(i) + 257);
  }
  return state;
}

/** One element of a list that must not be empty, chosen by a hash. */
export function pick<T>(list: readonly [T, ...T[]], number: number): T {
  return list[number % list.length] ?? list[0];
}

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Letters and digits out of a hash: names, credentials and the like. They only look random. */
export function letters(length: number, seed: number, ...keys: readonly (string | number)[]): string {
  return Array.from({ length }, (_, i) => alphabet[hash(seed, ...keys, i) % alphabet.length]).join('');
}
