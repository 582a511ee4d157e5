/**
 * A mutation, recorded before anything is sent. Primary key: account, viewer, idempotency_key. Indexes: (account, status), (account, review).
 * Nothing in it is secret: no password, no document, no text of a message.
 */
export interface OperationRow {
  account: string;
  viewer: string;
  idempotency_key: string;
  mutation: string;
  /** SHA-256 of the input, hex: the same key with another input is refused. */
  fingerprint: string;
  /** JSON: what is needed to go on with it, or to find out what became of it. */
  input: string;
  /** OperationStatus of the graph. */
  status: string;
  started_at: number;
  finished_at: number | null;
  /** JSON: what the payload is made of. */
  result: string | null;
  /** JSON: a `Failure`. */
  error: string | null;
  /** The run of the process that works on it: another run finds it abandoned. */
  owner: string;
  /** JSON: what is known of a call whose answer was lost, in sentences for a person. */
  findings: string | null;
  /** 1: one of its steps was judged from evidence that later evidence may overturn. */
  review: number;
}

/** One call of an operation. Primary key: account, viewer, idempotency_key, position. */
export interface OperationStepRow {
  account: string;
  viewer: string;
  idempotency_key: string;
  position: number;
  name: string;
  status: string;
  /** When its status became so. */
  at: number;
  /** When it was about to be sent. */
  sent_at: number | null;
  /** JSON: what was known just before it was sent, to compare with afterwards. */
  evidence: string | null;
  /** JSON. */
  result: string | null;
  /** How often DIDfarm was looked at since it was lost and showed nothing of it, a minute and more between two of them. */
  looks: number;
  /** The moment of the last of them (epoch milliseconds). */
  looked_at: number | null;
  /** How it was judged where its answer was lost and the judgement may be overturned: `not-done` or `done`. */
  judged: string | null;
}
