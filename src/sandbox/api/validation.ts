import type { z } from 'zod';
import { ApiError } from '../api-error.ts';

/** Reads a body or query as Laravel does: 422 with the messages by field, dotted as in `items.0.number`. */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const fields: Record<string, string[]> = {};
  for (const issue of result.error.issues) {
    const field = issue.path.join('.') || 'body';
    fields[field] = [...(fields[field] ?? []), issue.message];
  }
  throw new ApiError(422, 'validation_error', 'The given data was invalid.', fields);
}
