import { Refusal, exact, plainText } from '#canonical';
import { defineExchange, reader, segment, sendAnew } from '#adapter-kit';
import type { ExtensionAsk, PlanRun, Reader, WireAnswer } from '#adapter-kit';
import { sendIfThere } from './absolute.js';
import type { Sight, Told } from './absolute.js';
import { RecreativMultiplier } from './models.js';
import type { RecreativMultiplierSet } from './models.js';
import type { RecreativCoefficient } from './queries.js';
import { readAs } from './answer-fields.js';
import { requireAcknowledgement } from './acknowledgement.js';
import { campaignDevices } from './reports.js';
import { contentOf } from './content.js';
import { get, recordOf, requireId, sheetOf } from './wire.js';
import type { Sheet } from './wire.js';

const devices = ['desktop', 'mobile', 'tablet'];

const below = (params: Record<string, string>, tail: string): string =>
  `/advertiser/campaigns/multipliers/${segment(params['id']!)}${tail}`;

/** The multipliers of all sites of a campaign. */
export const siteMultipliers = defineExchange<ExtensionAsk & { page: number }, Sheet<RecreativMultiplier>>({
  name: 'site-multipliers',
  call: 'GET /advertiser/campaigns/multipliers/{campaign}/site',
  retryClass: 'read',
  request: ({ params, page }) => get(below(params, '/site'), {}, page),
  read: (answer, { page }) => sheetOf(answer, page, row => readAs(RecreativMultiplier, row)),
});

/** The multiplier of one site, by a key like `2222s3333`. */
export const siteMultiplier = defineExchange<ExtensionAsk, RecreativMultiplier>({
  name: 'site-multiplier',
  call: 'GET /advertiser/campaigns/multipliers/{campaign}/site/{id}',
  retryClass: 'read',
  request: ({ params }) => get(below(params, `/site/${segment(params['siteKey']!)}`)),
  read: (answer, { params }) => {
    const row = recordOf(answer);
    requireOwn(row, params);
    return readAs(RecreativMultiplier, row);
  },
});

function requireOwn(row: Reader, { id, siteKey }: Record<string, string>): void {
  requireId(row.at('campaignId'), id!);
  // A key like 2222s3333 is not explained: either number may be the site's.
  if (siteKey !== undefined) requireId(row.at('siteId'), siteKey, ...siteKey.split('s'));
}

type SetAsk = ExtensionAsk<unknown, RecreativCoefficient>;

// The answer is not documented: the requested value counts, unless the answer contains another one.
const set = (answer: WireAnswer, { params, body }: SetAsk): Told<RecreativMultiplierSet> => {
  requireAcknowledgement(answer);
  const modified = answer.status === 304 ? { modified: false as const } : {};
  const row = reader(contentOf(answer));
  requireOwn(row, params);
  const coefficient = row.at('coef').decimal();
  return {
    result: {
      ...placeOf(params),
      coefficient: coefficient ?? plainText(exact(body.coefficient)),
      ...modified,
    },
    sure: answer.status !== 202,
  };
};

const placeOf = ({ id, siteKey, device }: Record<string, string>) => ({
  campaignId: id!,
  ...(siteKey !== undefined && { siteKey }),
  ...(device !== undefined && { device }),
});

/** The least distance at which a multiplier is certainly not what Recreativ made of ours by rounding it. */
const STEP = '0.1';

function coefficientSeen(shown: string | undefined, { params, body }: SetAsk): Sight<RecreativMultiplierSet> {
  if (shown === undefined) return { is: 'hidden' };
  const distance = exact(shown).minus(body.coefficient).abs();
  if (distance.isZero())
    return { is: 'done', result: { ...placeOf(params), coefficient: plainText(exact(shown)) } };
  return { is: distance.lessThan(STEP) ? 'hidden' : 'undone' };
}

/** Reads whether the multiplier of a site is what was wished. */
export function* siteMultiplierSeen(ask: SetAsk): PlanRun<Sight<RecreativMultiplierSet>> {
  return coefficientSeen((yield* sendIfThere(siteMultiplier, ask))?.coefficient, ask);
}

/** The same of a kind of device; only a report of the campaign shows it. */
export function* deviceMultiplierSeen(ask: SetAsk): PlanRun<Sight<RecreativMultiplierSet>> {
  const { rows } = yield* sendAnew(campaignDevices, { campaign: ask.params['id']!, page: 1 });
  const row = rows.find(({ subjectId }) => subjectId === ask.params['device']);
  return coefficientSeen(row?.coefficient, ask);
}

const put = (path: string, { coefficient }: RecreativCoefficient) => ({
  method: 'PUT' as const,
  path,
  query: { coef: plainText(exact(coefficient)) },
});

/** Sets the multiplier of one site. */
export const setSiteMultiplier = defineExchange<SetAsk, Told<RecreativMultiplierSet>>({
  name: 'set-site-multiplier',
  call: 'PUT /advertiser/campaigns/multipliers/{campaign}/site/{id}?coef=',
  retryClass: 'absolute',
  accepts: [304],
  request: ({ params, body }) => put(below(params, `/site/${segment(params['siteKey']!)}`), body),
  read: set,
});

/** Sets the multiplier of one kind of device. */
export const setDeviceMultiplier = defineExchange<SetAsk, Told<RecreativMultiplierSet>>({
  name: 'set-device-multiplier',
  call: 'PUT /advertiser/campaigns/multipliers/{campaign}/device/{type}?coef=',
  retryClass: 'absolute',
  accepts: [304],
  request: ({ params, body }) => {
    const device = params['device']!;
    // Without a pointer: those lead into a body or a query, and this is a part of the path.
    if (!devices.includes(device))
      throw new Refusal('validation-failed', { detail: `Recreativ’s devices are ${devices.join(', ')}.` });
    return put(below(params, `/device/${device}`), body);
  },
  read: set,
});
