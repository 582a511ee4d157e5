import type { AccessLog } from '../../../src/access/credentials.ts';

export interface TestLog extends AccessLog {
  readonly lines: readonly { readonly fields: object; readonly message: string }[];
  messages(): string[];
  /** Everything written, in one text. */
  text(): string;
}

export function createTestLog(): TestLog {
  const lines: { fields: object; message: string }[] = [];
  const write = (fields: object, message: string) => void lines.push({ fields, message });
  return {
    info: write,
    warn: write,
    lines,
    messages: () => lines.map(({ message }) => message),
    text: () => JSON.stringify(lines),
  };
}
