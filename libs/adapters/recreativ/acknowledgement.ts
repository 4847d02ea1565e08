import { Unreadable, reader, saysSomething } from '#adapter-kit';
import type { Reader, WireAnswer } from '#adapter-kit';
import { contentOf } from './content.js';

const ACKNOWLEDGED = /^"?(ok|success|done|true|1)?"?$/i;

/** Throws if an answer that may be empty is a sentence, PHP's `false` or an error: nothing proves that the call was executed. */
export function requireAcknowledgement(answer: WireAnswer): void {
  requireContent(answer);
  const content = reader(contentOf(answer));
  if (complains(content)) throw new Unreadable('', 'contains an error');
}

// Neither empty nor an object, nor a word like "ok".
function requireContent(answer: WireAnswer): void {
  if (typeof contentOf(answer) === 'object' || ACKNOWLEDGED.test(answer.text.trim())) return;
  throw new Unreadable('', 'is neither empty nor an object');
}

// A `message` may also be a confirmation; then it is a single word, or another field confirms it.
function complains(content: Reader): boolean {
  if (['error', 'errors'].some(name => saysSomething(content.at(name)))) return true;
  const message = content.at('message');
  const confirmed =
    ['id', 'active', 'coef'].some(name => content.at(name).present) ||
    ['success', 'ok'].some(name => content.at(name).flag() === true);
  return saysSomething(message) && !confirmed && !ACKNOWLEDGED.test(message.text() ?? ' ');
}
