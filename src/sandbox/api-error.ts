/** A refusal as DIDfarm words it (Connect guide, "Error Responses"). `fields` holds Laravel's messages by field. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, readonly string[]>> | undefined;
  override readonly name = 'ApiError';

  constructor(status: number, code: string, message: string, fields?: Readonly<Record<string, readonly string[]>>) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

/** 404, `not_found`. */
export const notFound = (what: string): ApiError => new ApiError(404, 'not_found', `${what} not found.`);
