import { reader } from '#adapter-kit';
import type { Exchange, WireAnswer } from '#adapter-kit';
import { contentOf } from './body.js';

/** The field with the id of what a write without a key makes, by the exchange's name. */
const newIds: Record<string, string> = { 'add-lead': 'lead_id', 'register-conversion': 'conversion_id' };

/** The id of what the write made, according to its answer; of a person, who may have been there before, only in a success. */
export function madeIdIn(answer: WireAnswer, { name }: Exchange): string | undefined {
  const ids = answer.status < 300 ? { ...newIds, 'upsert-user': 'recca_user_id' } : newIds;
  return Object.hasOwn(ids, name) ? contentOf(answer).at(ids[name]!).text() : undefined;
}

const KNOWN = /already|duplicat|taken|exists|уже|дубл/i;
const CONVERTED = /convert(ed|ing)?\b|конвертир/i;

// Statuses for what is wrong with the content; any other names its reason itself.
const aboutContent = [200, 400, 409, 422];

/** The code of a refusal whose words, in whatever field, say that what was sent is there already: in many frameworks a taken value is an invalid one. */
export function codeOfKnown(answer: WireAnswer, { name }: Exchange): string | undefined {
  if (!Object.hasOwn(newIds, name) || !aboutContent.includes(answer.status)) return undefined;
  const said = reader(answer.body).present ? JSON.stringify(answer.body) : answer.text;
  if (!KNOWN.test(said)) return undefined;
  if (CONVERTED.test(said)) return 'ALREADY_CONVERTED';
  return answer.status === 409 ? undefined : 'known-already';
}
