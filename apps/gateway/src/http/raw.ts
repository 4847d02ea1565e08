import type { WireAnswer } from '#adapter-kit';
import { redactValue, secretsOf } from '#outbound';
import type { OpenConnection } from '#outbound';

/** Adds the provider's last answer, redacted, where `?include=raw` asks for it. */
export async function withRaw<T extends object>(
  connection: OpenConnection,
  include: 'raw' | undefined,
  read: (seen?: (answer: WireAnswer) => void) => Promise<T>,
): Promise<T & { raw?: unknown }> {
  if (include !== 'raw') return read();
  let last: WireAnswer | undefined;
  const result = await read(answer => (last = answer));
  if (!last) return result;
  return { ...result, raw: redactValue(last.body ?? last.text, secretsOf(connection)) };
}
