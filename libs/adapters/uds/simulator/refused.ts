/** A refusal in the form of UDS. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
    readonly errors?: { errorCode: string; message: string; field: string; value?: unknown }[],
  ) {
    super(message);
  }

  get body(): object {
    const { errorCode, message, errors } = this;
    return { errorCode, message, ...(errors && { errors }) };
  }
}

/** 400 `badRequest` about one field. */
export const badField = (field: string, message: string, value?: unknown): Refused =>
  new Refused(400, 'badRequest', 'Validation failed', [{ errorCode: 'invalid', message, field, value }]);

/** 404 `notFound`: unknown, expired or used. */
export const notFound = (): Refused => new Refused(404, 'notFound', 'Not found');
