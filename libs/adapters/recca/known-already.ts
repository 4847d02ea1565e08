import { reader } from '#adapter-kit';
import type { Exchange, WireAnswer } from '#adapter-kit';
import { isFederation } from './request.js';

const KNOWN = [
  /(?<!\bnot )\balready (?:been )?(?:taken|exists?|registered|used|processed|recorded|submitted|in use)\b/i,
  /\b(?:has been|is) taken\b/i,
  /duplicat|дубл(?:ь|ир|икат)/i,
  /(?<!\p{L})уже (?:был[аои]? )?(?:есть|существу|зарегистр|использ|занят|учт|обработ)/iu,
  // Without "already", an order that exists is known, but any other thing may be one that has to exist.
  /(?:\border\b|заказ)[^,;}\]]*(?<!\b(?:not|no longer) )\bexists\b/iu,
];
const CONVERTED = [
  /(?<!\bnot )\balready\b[^",;]*\bconvert(?:ed|ing)?\b|\bconverted already\b/i,
  /\blead (?:is|was|has been) converted\b/i,
  /\b(?:already has|has already) (?:(?:an?|its|one) )?conversion\b/i,
  /(?<!\p{L})уже[^",;]*(?:конвертир|есть конверси)/iu,
];
// A refusal that names one of these may be about it, and not about the state of its lead.
const OF_A_SALE = /\border\b|заказ|\bconversion id\b/i;

const CONFLICT = 409;
// Statuses for what is wrong with the content; any other names its reason itself.
const aboutContent = [200, 400, CONFLICT, 422];

/** The code of a refusal whose words, in whatever field, say that what was sent is there already: in many frameworks a taken value is an invalid one. */
export function codeOfKnown(answer: WireAnswer, exchange: Exchange): string | undefined {
  if (!isFederation(exchange) || !aboutContent.includes(answer.status)) return undefined;
  const said = wordsOf(answer);
  const says = (phrases: RegExp[]) => phrases.some(phrase => phrase.test(said));
  if (says(CONVERTED) && !OF_A_SALE.test(said)) return 'ALREADY_CONVERTED';
  // Its status says so already.
  if (answer.status === CONFLICT) return undefined;
  return says(KNOWN) || says(CONVERTED) ? 'known-already' : undefined;
}

// Names and codes are words as well (`ORDER_EXISTS`, `orderExists`), but not the name of a field that says no (`duplicate: false`).
function wordsOf({ body, text }: WireAnswer): string {
  const said = reader(body).present
    ? JSON.stringify(body, (_, value: unknown) => (isNo(value) ? undefined : value))
    : text;
  return (said ?? '').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/[_-]+/g, ' ');
}

const isNo = (value: unknown): boolean => !value || value === '0' || value === 'false';
