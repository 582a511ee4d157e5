/**
 * Where one execution of a subscription stands in the log. Whoever follows the log moves it; whoever shares or resumes an execution
 * sets where it begins and whether it waits.
 */
export interface Place {
  /**
   * Everything up to here has been given out or passed over; moved before what it holds for is given out. Null: nothing can be gone
   * on from yet, as before the log was looked at and between the first payloads of `trunkStatus`.
   */
  seq: number | null;
  /** Begin after this place, as one who goes on: no first payloads, whatever the arguments say. Null: begin as the arguments say. */
  readonly resume: number | null;
  /** What to do at the end of the log: wait for more, or end. */
  readonly atEnd: 'wait' | 'leave';
}

/** The place of an execution that serves one caller from first to last. */
export function ownPlace(): Place {
  return { seq: null, resume: null, atEnd: 'wait' };
}
