import { type Block, blocks, firstForSale, numberAt, placeOf } from './numbering.ts';

/** A number for sale. */
export interface AvailableNumber {
  readonly e164: string;
  readonly block: Block;
}

/** What a search asks for; what is left out fits anything. */
export interface InventorySearch {
  readonly country?: string | undefined;
  readonly type?: string | undefined;
  readonly city?: string | undefined;
}

/** What DIDfarm has for sale: so many numbers in each block, less those sold. */
export interface Inventory {
  search(criteria: InventorySearch, offset: number, limit: number): { total: number; found: AvailableNumber[] };
  find(e164: string): AvailableNumber | undefined;
  sell(e164: string): void;
}

const same = (a: string | null, b: string | undefined) => b === undefined || a?.toLowerCase() === b.toLowerCase();

/** Creates the numbers for sale: `perBlock` in each block. */
export function createInventory(seed: number, perBlock: number): Inventory {
  const sold = new Map<Block, Set<number>>();

  const placesLeft = (block: Block) => perBlock - (sold.get(block)?.size ?? 0);
  function* unsold(block: Block) {
    for (let i = 0; i < perBlock; i++) {
      const place = firstForSale + i;
      if (!sold.get(block)?.has(place)) yield place;
    }
  }
  const locate = (e164: string) => {
    const found = placeOf(e164, seed);
    const index = found ? found.place - firstForSale : -1;
    return found && index >= 0 && index < perBlock ? found : undefined;
  };

  return {
    search({ country, type, city }, offset, limit) {
      const wanted = blocks.filter((b) => same(b.country, country) && same(b.type, type) && same(b.city, city));
      const found: AvailableNumber[] = [];
      let skip = offset;
      for (const block of wanted) {
        if (skip >= placesLeft(block)) {
          skip -= placesLeft(block);
          continue;
        }
        const places = unsold(block)
          .drop(skip)
          .take(limit - found.length);
        for (const place of places) found.push({ e164: numberAt(block, place, seed), block });
        skip = 0;
        if (found.length === limit) break;
      }
      return { total: wanted.reduce((sum, block) => sum + placesLeft(block), 0), found };
    },
    find(e164) {
      const found = locate(e164);
      return found && !sold.get(found.block)?.has(found.place) ? { e164, block: found.block } : undefined;
    },
    sell(e164) {
      const found = locate(e164);
      if (!found) throw new RangeError(`${e164} is not for sale`);
      const places = sold.get(found.block) ?? new Set();
      sold.set(found.block, places.add(found.place));
    },
  };
}
