import type { z } from 'zod';
import { UpstreamBadResponse } from '../errors.ts';

/** A successful answer as it came: its JSON, and the call and status that errors about it name. */
export interface Answer {
  readonly call: string;
  readonly status: number;
  readonly json: unknown;
}

/**
 * Reads `{data: …}` or the bare thing by a schema.
 * A missing required field is an {@link UpstreamBadResponse} with its path; values are not in it, they may be secret.
 */
export function readAnswer<T>(answer: Answer, schema: z.ZodType<T>): T {
  const enveloped = isRecord(answer.json) && typeof answer.json['data'] === 'object' && answer.json['data'] !== null;
  const body = isRecord(answer.json) && enveloped ? answer.json['data'] : answer.json;
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = written([...(enveloped ? ['data'] : []), ...(issue?.path ?? [])]);
  throw new UpstreamBadResponse(answer.call, path, issue?.message ?? 'unexpected answer', { status: answer.status });
}

/** Whether a JSON value is an object with named fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function written(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
