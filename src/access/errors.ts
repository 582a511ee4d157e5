/** Nobody is let in with what the caller sent, or nothing was sent. The text says what to send, never why a secret was refused. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
  readonly code = 'UNAUTHENTICATED';
  /** HTTP. */
  readonly status = 401;
}

/** Who the caller is cannot be found out now, whatever they sent: what would tell it does not answer. */
export class AccessUnavailable extends Error {
  override readonly name = 'AccessUnavailable';
  readonly code = 'UNAVAILABLE';
  /** HTTP. */
  readonly status = 503;
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('Who you are cannot be checked at the moment: ask again shortly.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** ACCESS_FILE cannot be used; `faults` and the message name everything that is wrong with it at once. */
export class AccessFileError extends Error {
  override readonly name = 'AccessFileError';
  readonly faults: readonly string[];

  constructor(path: string, faults: readonly string[]) {
    super(`The access file ${path} cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}
