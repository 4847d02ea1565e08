import { exact, plainText, refusalAt } from '#canonical';
import { defineExchange, reader, segment } from '#adapter-kit';
import type { ExtensionAsk, WireAnswer } from '#adapter-kit';
import { RecreativMultiplier } from './models.js';
import type { RecreativMultiplierSet } from './models.js';
import type { RecreativCoefficient } from './queries.js';
import { readAs } from './answer-fields.js';
import { requireAcknowledgement } from './acknowledgement.js';
import { contentOf } from './content.js';
import { get, recordOf, sheetOf } from './wire.js';
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
  read: answer => readAs(RecreativMultiplier, recordOf(answer)),
});

type SetAsk = ExtensionAsk<unknown, RecreativCoefficient>;

// The answer is not documented: the requested value counts, unless the answer contains another one.
const set = (answer: WireAnswer, { params, body }: SetAsk): RecreativMultiplierSet => {
  requireAcknowledgement(answer);
  const { id, siteKey, device } = params;
  const where = {
    campaignId: id!,
    ...(siteKey !== undefined && { siteKey }),
    ...(device !== undefined && { device }),
  };
  const modified = answer.status === 304 ? { modified: false as const } : {};
  const coefficient = reader(contentOf(answer)).at('coef').decimal();
  return { ...where, coefficient: coefficient ?? plainText(exact(body.coefficient)), ...modified };
};

const put = (path: string, { coefficient }: RecreativCoefficient) => ({
  method: 'PUT' as const,
  path,
  query: { coef: plainText(exact(coefficient)) },
});

/** Sets the multiplier of one site. */
export const setSiteMultiplier = defineExchange<SetAsk, RecreativMultiplierSet>({
  name: 'set-site-multiplier',
  call: 'PUT /advertiser/campaigns/multipliers/{campaign}/site/{id}?coef=',
  retryClass: 'absolute',
  accepts: [304],
  request: ({ params, body }) => put(below(params, `/site/${segment(params['siteKey']!)}`), body),
  read: set,
});

/** Sets the multiplier of one kind of device. */
export const setDeviceMultiplier = defineExchange<SetAsk, RecreativMultiplierSet>({
  name: 'set-device-multiplier',
  call: 'PUT /advertiser/campaigns/multipliers/{campaign}/device/{type}?coef=',
  retryClass: 'absolute',
  accepts: [304],
  request: ({ params, body }) => {
    const device = params['device']!;
    if (!devices.includes(device))
      throw refusalAt('/device', `Recreativ’s devices are ${devices.join(', ')}.`);
    return put(below(params, `/device/${device}`), body);
  },
  read: set,
});
