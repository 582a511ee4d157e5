import { ApiError } from '../api-error.ts';
import type { SandboxClock } from '../clock.ts';
import { type Emit, numberEvent } from './events.ts';
import type { Numbers, OwnedNumber } from './numbers.ts';
import type { Trunks } from './trunks.ts';

/** Documents that were handed in; of a file its name, type and size are kept. */
export interface Submission {
  readonly id: number;
  readonly numberIds: readonly number[];
  readonly documents: readonly unknown[];
}

/** The documents that some numbers require. */
export interface Regulatory {
  /** Takes documents for numbers that require them; they are decided later. Throws an ApiError (422). */
  submit(ids: readonly number[], documents: readonly unknown[]): Submission;
  submissions(): readonly Submission[];
  /** Decides at once; an approved number that waited is activated soon after. */
  decide(id: number, decision: 'approved' | 'rejected', reason?: string): OwnedNumber;
  /** What becomes of submissions by themselves; `manual` leaves them to `decide`. */
  setOutcome(outcome: RegulatoryOutcome): void;
}

/** How reviews end by themselves. */
export type RegulatoryOutcome = 'approved' | 'rejected' | 'manual';

const reviewTime = 60_000;

interface RegulatoryParts {
  readonly clock: SandboxClock;
  readonly numbers: Numbers;
  readonly trunks: Trunks;
  readonly emit: Emit;
  readonly activateSoon: (id: number) => void;
}

/** Creates the review: a decision a minute after each submission. */
export function createRegulatory({ clock, numbers, trunks, emit, activateSoon }: RegulatoryParts): Regulatory {
  const submissions: Submission[] = [];
  let outcome: RegulatoryOutcome = 'approved';

  const decide: Regulatory['decide'] = (id, decision, reason) => {
    const number = numbers.change(id, { regulatoryStatus: decision });
    const data = numberEvent(number, trunks.byId(number.trunkId ?? 0));
    emit(
      `regulatory.${decision}`,
      decision === 'rejected' ? { ...data, reason: reason ?? 'document_unreadable' } : data,
    );
    if (decision === 'approved' && number.status === 'provisioning') activateSoon(id);
    return number;
  };
  const review = (ids: readonly number[]) => {
    const decision = outcome;
    if (decision === 'manual') return;
    for (const id of ids) if (numbers.byId(id)?.regulatoryStatus === 'submitted') decide(id, decision);
  };

  return {
    submit(ids, documents) {
      for (const id of ids) {
        const status = numbers.byId(id)?.regulatoryStatus;
        if (status === undefined) throw new ApiError(404, 'not_found', `Number ${id} not found.`);
        if (status !== 'required' && status !== 'rejected') {
          throw new ApiError(422, 'regulatory_not_required', `Number ${id} needs no documents now (${status}).`);
        }
      }
      for (const id of ids) numbers.change(id, { regulatoryStatus: 'submitted' });
      const submission = { id: submissions.length + 1, numberIds: ids, documents };
      submissions.push(submission);
      clock.after(reviewTime, () => review(ids));
      return submission;
    },
    submissions: () => submissions,
    decide,
    setOutcome: (next) => {
      outcome = next;
    },
  };
}
