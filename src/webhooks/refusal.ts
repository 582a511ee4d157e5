/** Why a webhook is not taken. Its message is what the sender is told, and holds nothing of the body. */
export class WebhookRefusal extends Error {
  override readonly name = 'WebhookRefusal';
  readonly status: 400 | 401 | 413 | 422 | 503;
  /** The field that does not fit, such as `data.number`; null where it is no field. */
  readonly field: string | null;

  constructor(status: WebhookRefusal['status'], field: string | null, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.field = field;
  }
}
