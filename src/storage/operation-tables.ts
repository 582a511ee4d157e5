/**
 * A mutation, recorded before anything is sent. Primary key: account, viewer, idempotency_key. Index: (account, status).
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
}
