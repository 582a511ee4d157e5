import type { ResponsePath } from 'graphql';

/** Where an object or a list stands in the answer that is being made. */
export interface Spot {
  /** The spot of what holds it; null for the data as a whole. */
  readonly within: Spot | null;
  readonly holder: Holder;
  readonly key: string | number;
  /** The type whose field it is; undefined for a list's item. */
  readonly typename: string | undefined;
  readonly nullable: boolean;
  /** Something in it that may not be null is: it is null itself, or what holds it is, and nothing is made of it any more. */
  givenUp: boolean;
}

/** An object or a list of the answer. */
export type Holder = Record<string | number, unknown>;

export function isGivenUp(spot: Spot): boolean {
  for (let each: Spot | null = spot; each !== null; each = each.within) if (each.givenUp) return true;
  return false;
}

/** Puts null where the nearest thing stands that may be null, from a spot whose content failed and may not be. */
export function giveUp(spot: Spot): void {
  let failed = spot;
  failed.givenUp = true;
  while (!failed.nullable && failed.within !== null) {
    failed = failed.within;
    failed.givenUp = true;
  }
  failed.holder[failed.key] = null;
}

/** The path of what stands in a spot under this key. */
export function pathOf(spot: Spot, key: string | number, typename: string | undefined): ResponsePath {
  const prev = spot.within === null ? undefined : pathOf(spot.within, spot.key, spot.typename);
  return { prev, key, typename };
}
