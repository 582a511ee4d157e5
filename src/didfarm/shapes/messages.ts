import { z } from 'zod';
import { type Answer, readAnswer } from './answer.ts';
import {
  optionalCurrency,
  optionalEuros,
  optionalIdentity,
  optionalText,
  optionalTime,
  optionalWhole,
} from './fields.ts';

/** What sending a text answered: unpublished for this call, so all of it may be missing. */
export interface SentMessage {
  readonly messageId: string | null;
  readonly status: string | null;
  readonly segments: number | null;
  /** Decimal, in `currency`. */
  readonly cost: string | null;
  readonly currency: string;
  readonly createdAt: number | null;
}

const sentMessage = z
  .object({
    id: optionalIdentity,
    message_id: optionalIdentity,
    status: optionalText,
    segments: optionalWhole,
    cost: optionalEuros,
    currency: optionalCurrency,
    created_at: optionalTime,
  })
  .transform(
    (row): SentMessage => ({
      messageId: row.id ?? row.message_id,
      status: row.status,
      segments: row.segments,
      cost: row.currency === null ? null : row.cost,
      currency: row.currency ?? 'EUR',
      createdAt: row.created_at,
    }),
  );

export const readSentMessage = (answer: Answer): SentMessage => readAnswer(answer, sentMessage);
