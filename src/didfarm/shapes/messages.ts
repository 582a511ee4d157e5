import { z } from 'zod';
import { type Answer, readAnswer } from './answer.ts';
import { currency, optionalEuros, optionalText, optionalTime, optionalWhole } from './fields.ts';

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
    id: optionalText,
    message_id: optionalText,
    status: optionalText,
    segments: optionalWhole,
    cost: optionalEuros,
    currency,
    created_at: optionalTime,
  })
  .transform(
    (row): SentMessage => ({
      messageId: row.id ?? row.message_id,
      status: row.status,
      segments: row.segments,
      cost: row.cost,
      currency: row.currency,
      createdAt: row.created_at,
    }),
  );

export const readSentMessage = (answer: Answer): SentMessage => readAnswer(answer, sentMessage);
