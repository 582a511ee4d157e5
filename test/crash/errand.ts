import type { AppConfig } from '../../src/app.ts';

/** Where the process dies. */
export const points = [
  'before it is sent',
  'sent, cut before the work',
  'sent, cut after the work',
  'answered, not recorded',
  'recorded, not replied',
] as const;

export type Point = (typeof points)[number];

/** What a gateway that is to die is told. */
export interface Errand {
  readonly config: AppConfig;
  readonly numbersCsv: string;
  readonly point: Point;
  /** How the path of the call ends at which it dies. */
  readonly path: string;
  /** The GraphQL request. */
  readonly body: unknown;
}
