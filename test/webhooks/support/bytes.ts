/** Bodies as nobody would write them, each following from the seed. */
export interface Bytes {
  /** Some bytes changed, cut, doubled or put in, or other bytes altogether; never the same as those given. */
  otherThan(body: string): Buffer;
}

const tokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\0',
  'null',
  '1e999',
  '-0',
  '"__proto__":',
  '\\ud800',
  'é',
  '\xff',
];

export function createBytes(seed: number): Bytes {
  let state = seed >>> 0;
  /** A whole number below the limit: a linear congruential generator, of which the upper bits are used. */
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
  const token = () => Buffer.from(tokens[below(tokens.length)] ?? '', 'latin1');

  const changes: readonly ((body: Buffer) => Buffer)[] = [
    (body) => body.subarray(0, below(body.length)),
    (body) => splice(body, below(body.length), 1, noise(1)),
    (body) => splice(body, below(body.length), below(20), noise(0)),
    (body) => splice(body, below(body.length), 0, token()),
    (body) => splice(body, below(body.length), below(5), token()),
    (body) => splice(body, below(body.length), 0, body.subarray(below(body.length))),
    () => noise(below(300)),
  ];
  return {
    otherThan(body) {
      const original = Buffer.from(body);
      let changed: Buffer = original;
      for (let times = below(3); times >= 0; times--) changed = changes[below(changes.length)]?.(changed) ?? changed;
      return changed.equals(original) ? Buffer.concat([changed, Buffer.from(' ')]) : changed;
    },
  };
}

function splice(body: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([body.subarray(0, at), added, body.subarray(at + removed)]);
}
