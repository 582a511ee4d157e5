/** Room that each viewer has, whatever the others take of theirs. */
export interface Room {
  /** @returns gives it back, once; null where there is not so much left. */
  take(viewer: string, amount?: number): (() => void) | null;
}

export function createRoom(each: number): Room {
  const taken = new Map<string, number>();
  const add = (viewer: string, amount: number) => {
    const now = (taken.get(viewer) ?? 0) + amount;
    if (now === 0) taken.delete(viewer);
    else taken.set(viewer, now);
  };
  return {
    take(viewer, amount = 1) {
      if ((taken.get(viewer) ?? 0) + amount > each) return null;
      add(viewer, amount);
      let left = amount;
      return () => {
        add(viewer, -left);
        left = 0;
      };
    },
  };
}
