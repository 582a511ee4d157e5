import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import {
  type FailureDetails,
  type FieldMessage,
  UpstreamBadResponse,
  type UpstreamFailure,
  UpstreamForbidden,
  UpstreamInvalidKey,
  UpstreamNotFound,
  UpstreamRateLimited,
  UpstreamServerError,
  UpstreamValidation,
} from './errors.ts';
import { redact } from './redaction.ts';

/** An answer that is no success. */
export interface Refusal {
  readonly call: string;
  readonly status: number;
  readonly text: string;
  readonly retryAfterMilliseconds: number | undefined;
  /** What must not be repeated even if DIDfarm echoes it. */
  readonly secrets: readonly string[];
}

const text = z.string().optional().catch(undefined);
const fieldMessages = z
  .record(z.string(), z.union([z.string().transform((one) => [one]), z.array(z.string())]))
  .optional()
  .catch(undefined);
const details = z.object({ code: text, message: text, errors: fieldMessages, fields: fieldMessages });
const refusalBody = z.object({
  error: z
    .union([details, z.string().transform((message): Partial<z.infer<typeof details>> => ({ message }))])
    .optional()
    .catch(undefined),
  message: text,
  code: text,
  errors: fieldMessages,
});

/** The failure that an answer stands for. The status line decides its kind; the body only adds to it. */
export function failureFrom(refusal: Refusal): UpstreamFailure {
  const { call, status } = refusal;
  if (status < 400) return new UpstreamBadResponse(call, '', `a redirect (${status}), as to a login page`, { status });
  const body = readBody(refusal.text);
  const said = body?.error?.message ?? body?.message ?? STATUS_CODES[status] ?? 'refused';
  const message = `DIDfarm answered ${status}: ${redact(said, refusal.secrets)}`;
  const known: FailureDetails = {
    status,
    upstreamCode: redactedCode(body?.error?.code ?? body?.code, refusal.secrets),
    retryAfterMilliseconds: refusal.retryAfterMilliseconds,
    fields: readFields(body?.errors ?? body?.error?.errors ?? body?.error?.fields, refusal.secrets),
  };
  return new (kindOf(status))(call, message, known);
}

function kindOf(status: number) {
  if (status >= 500) return UpstreamServerError;
  if (status === 401) return UpstreamInvalidKey;
  if (status === 403 || status === 419) return UpstreamForbidden;
  if (status === 404) return UpstreamNotFound;
  if (status === 429) return UpstreamRateLimited;
  return UpstreamValidation;
}

function readBody(body: string): z.infer<typeof refusalBody> | undefined {
  try {
    return refusalBody.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined; // HTML or nothing: the status says enough
  }
}

function redactedCode(code: string | undefined, secrets: readonly string[]): string | undefined {
  return code === undefined ? undefined : redact(code, secrets);
}

function readFields(errors: Record<string, string[]> | undefined, secrets: readonly string[]): readonly FieldMessage[] {
  return Object.entries(errors ?? {}).flatMap(([path, messages]) =>
    messages.map((message) => ({ path: redact(path, secrets), message: redact(message, secrets) })),
  );
}
