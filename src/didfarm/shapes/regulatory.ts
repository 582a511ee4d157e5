import { z } from 'zod';
import { type Answer, readAnswer } from './answer.ts';
import { optionalIdentity, optionalText } from './fields.ts';

/** A document that proves the right to hold a number. */
export interface RegulatoryDocument {
  readonly type: string;
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** The documents for one number (Connect guide, "How do I handle regulatory requirements via API?"). */
export interface RegulatorySubmission {
  readonly number: string;
  readonly documents: readonly RegulatoryDocument[];
}

/** What submitting answered: unpublished, so all of it may be missing. */
export interface RegulatoryAnswer {
  readonly submissionId: string | null;
  readonly status: string | null;
}

const submitted = z
  .object({ id: optionalIdentity, submission_id: optionalIdentity, status: optionalText })
  .transform((row): RegulatoryAnswer => ({ submissionId: row.id ?? row.submission_id, status: row.status }));

export const readRegulatory = (answer: Answer): RegulatoryAnswer => readAnswer(answer, submitted);

/** The submission as a form. Its field names are unpublished: these are the ones Laravel reads into lists. */
export async function regulatoryForm(submission: RegulatorySubmission): Promise<{ type: string; body: Uint8Array }> {
  const form = new FormData();
  form.append('number', submission.number);
  for (const [index, document] of submission.documents.entries()) {
    form.append(`documents[${index}][type]`, document.type);
    const file = new Blob([document.content], { type: document.contentType });
    form.append(`documents[${index}][file]`, file, document.filename);
  }
  const encoded = new Response(form);
  return { type: encoded.headers.get('content-type') ?? 'multipart/form-data', body: await encoded.bytes() };
}
