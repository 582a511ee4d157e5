/** GSM 03.38: the basic alphabet, and the extension table whose characters are sent as two. */
const basic = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]$/;
const extended = /^[\f^{}\\[~\]|€]$/;

/** How a text goes out. A segment of a longer text is shorter: it carries its place among the others. */
interface Alphabet {
  readonly alone: number;
  readonly together: number;
  /** Units of one character, which is never split over two segments. */
  readonly units: (character: string) => number;
}

const gsm7: Alphabet = { alone: 160, together: 153, units: (character) => (extended.test(character) ? 2 : 1) };
const ucs2: Alphabet = { alone: 70, together: 67, units: (character) => character.length };

/** As how many messages a text is sent: in GSM-7 where every character is of it, else in UCS-2. */
export function countSegments(body: string): number {
  const characters = [...body];
  const plain = characters.every((character) => basic.test(character) || extended.test(character));
  const { alone, together, units } = plain ? gsm7 : ucs2;
  const sizes = characters.map(units);
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let segments = 1;
  let filled = 0;
  for (const size of sizes) {
    if (filled + size > together) {
      segments += 1;
      filled = 0;
    }
    filled += size;
  }
  return segments;
}
