/** What a person at the gateway has to deal with; the message says how. */
export type StorageErrorCode =
  | 'INVALID_URL'
  | 'LOCKED'
  | 'NOT_WRITABLE'
  | 'FULL'
  | 'DAMAGED'
  | 'NEWER_VERSION'
  | 'UNREACHABLE'
  | 'REFUSED'
  | 'DISK'
  | 'OTHER_ACCOUNT';

/** The database cannot be opened, or failed while it was used. Nothing that was stored before is harmed by it. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
