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
  const data = isRecord(answer.json) ? answer.json.data : undefined;
  const enveloped = typeof data === 'object' && data !== null;
  const body = enveloped ? data : answer.json;
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = written([...(enveloped ? ['data'] : []), ...(issue?.path ?? [])]);
  throw new UpstreamBadResponse(answer.call, path, issue?.message ?? 'unexpected answer', { status: answer.status });
}

/** A JSON object: what an answer may have around its rows and fields. */
export interface JsonObject {
  readonly data?: unknown;
  readonly meta?: unknown;
  readonly pagination?: unknown;
}

export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function written(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
