/**
 * Parses the key of an `Idempotency-Key` header or a command: 16 to 255 visible ASCII characters, with or without the
 * double quotes of the draft standard; undefined if it is invalid.
 */
export function readIdempotencyKey(header: string): string | undefined {
  const quoted = /^"([\x21\x23-\x7e]*)"$/.exec(header);
  const key = quoted ? quoted[1]! : header;
  return /^[\x21\x23-\x7e]{16,255}$/.test(key) ? key : undefined;
}
