import { Refusal } from '#canonical';

/** A value of the body that has the right type and cannot be accepted all the same: 422 with its pointer. */
export const unacceptable = (pointer: string, detail: string): Refusal =>
  new Refusal('validation-failed', {
    detail: `${pointer}: ${detail}`,
    errors: [{ pointer, code: 'validation-failed', detail }],
  });
