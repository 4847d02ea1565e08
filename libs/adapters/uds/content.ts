import { Unreadable, reader } from '#adapter-kit';
import type { Reader } from '#adapter-kit';

/** What an answer tells: UDS writes it bare; one envelope is opened, unless it denies what it holds. */
export function contentOf(body: unknown): Reader {
  const whole = reader(body);
  const inner = whole.at('data').record();
  if (inner && whole.at('success').flag() === false)
    throw new Unreadable('/success', 'denies what stands beside it');
  return inner ?? whole;
}
