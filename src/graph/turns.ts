/** How many fields are executed until whatever else the process has to do gets its turn: a few milliseconds. */
export const fieldsATurn = 1_000;

/** Lets large operations give way to others, and to each other. */
export interface Turns {
  /** Of one operation. */
  begin(): Turn;
}

export interface Turn {
  /** Asks for so many fields to be executed. Null: at once, as far as the operation is a usual one; else when it is their turn. */
  take(fields: number): Promise<void> | null;
}

interface Asked {
  readonly fields: number;
  readonly letGo: () => void;
}

/** @param pause calls back when others have had their turn; default: setImmediate. */
export function createTurns(pause: (next: () => void) => void = setImmediate): Turns {
  /** What waits of each operation. Between two pauses one of them has its turn, and then stands behind the others. */
  const lines: Asked[][] = [];
  const next = () => {
    const line = lines.shift() ?? [];
    let count = 0;
    for (let fields = 0; fields < fieldsATurn && count < line.length; count++) fields += line[count]?.fields ?? 0;
    for (const { letGo } of line.splice(0, count)) letGo();
    if (line.length > 0) lines.push(line);
    if (lines.length > 0) pause(next);
  };

  return {
    begin() {
      const line: Asked[] = [];
      let taken = 0;
      return {
        take(fields) {
          taken += fields;
          if (taken <= fieldsATurn) return null;
          return new Promise((letGo) => {
            if (line.push({ fields, letGo }) === 1 && lines.push(line) === 1) pause(next);
          });
        },
      };
    },
  };
}
