import { IsChoice, IsDecimal, IsFlag, IsText } from '#canonical';
import type { Reader } from '#adapter-kit';
import { AnswerField, AnswerParts, readAs } from './answer-fields.js';

/** An account at Recreativ. */
export class RecreativUser {
  @AnswerField('text', { needed: true, example: '6001' }) id!: string;
  @AnswerField('text', { description: 'Login.', example: 'anna' }) username?: string | null;
  @AnswerField('text', { description: 'The person’s name; Recreativ does not document it in answers.' })
  name?: string | null;
  @AnswerField('text', { example: 'anna@example.com' }) email?: string | null;
  @AnswerField('text', { description: '`publisher` or `advertiser`.', example: 'advertiser' }) type?:
    string | null;
  @AnswerField('text', { example: 'https://coffee.example.ru' }) url?: string | null;
  @AnswerField('text', {
    description: 'Date of registration, in Recreativ’s own format.',
    example: '2025-03-01',
  })
  date?: string | null;
  @AnswerField('decimal', { description: 'Daily budget.', example: '25' }) maxmoney?: string | null;
  @AnswerField('text') whatsapp?: string | null;
  @AnswerField('text') telegram?: string | null;
  @AnswerField('text') skype?: string | null;
  @AnswerField('text') phone?: string | null;
  @AnswerField('decimal', { example: '1250.5' }) balance?: string | null;
  @AnswerField('text', { description: 'Id of the account that referred this one.', example: '5001' })
  parentId?: string | null;
}

/** The counts and costs of an advertiser's traffic, in the account's currency. */
export class RecreativTraffic {
  @AnswerField('whole', { example: 1200 }) views?: number | null;
  @AnswerField('whole', { example: 24 }) clicks?: number | null;
  @AnswerField('decimal', { description: 'Amount spent.', example: '72' }) money?: string | null;
  @AnswerField('whole', { description: 'Conversions.', example: 2 }) orders?: number | null;
  @AnswerField('decimal', { example: '60' }) cpm?: string | null;
  @AnswerField('decimal', { example: '36' }) cpo?: string | null;
  @AnswerField('decimal', { description: 'Percent.', example: '8.33' }) cr?: string | null;
  @AnswerField('decimal', { example: '3' }) cpc?: string | null;
}

/** An advertiser's campaign. */
export class RecreativCampaign extends RecreativTraffic {
  @AnswerField('text', { needed: true, example: '111' }) id!: string;
  @AnswerField('text', { example: 'Кофе с собой' }) title?: string | null;
  @AnswerField('flag', { example: true }) active?: boolean | null;
  @AnswerField('whole', { description: 'Maximum number of clicks.', example: 1000 }) maxclicks?:
    number | null;
  @AnswerField('decimal', { description: 'Maximum amount to spend.', example: '25' }) maxmoney?:
    string | null;
  @AnswerField('flag', { example: false }) isRetarget?: boolean | null;
  @AnswerField('text', { from: 'category_id', example: '12' }) categoryId?: string | null;
  @AnswerField('whole', { description: 'Number of goods.', example: 3 }) items?: number | null;
  @AnswerField('text', {
    from: 'status',
    description: 'Recreativ’s own status number; undocumented.',
    example: '1',
  })
  providerStatus?: string | null;
}

/** A picture of an offer. */
export class RecreativImage {
  @AnswerField('text', { example: 'https://img.recreativ.com/3001_240x240.jpg' }) url?: string | null;
  @AnswerField('text', { example: '240x240,480x480' }) allowedSizes?: string | null;
  @AnswerField('text', { example: 'https://img.recreativ.com/3001_{size}.jpg' }) pattern?: string | null;
}

/** An advertiser's offer (a teaser). */
export class RecreativOffer extends RecreativTraffic {
  @AnswerField('text', { needed: true, example: '3001' }) id!: string;
  @AnswerField('text', { example: 'Капучино' }) title?: string | null;
  @AnswerField('text', { example: '111' }) campaignId?: string | null;
  @AnswerParts(() => RecreativImage) img?: RecreativImage[] | null;
  @AnswerParts(() => RecreativImage, { from: 'img_wide' }) imgWide?: RecreativImage[] | null;
  @AnswerField('flag') isRetarget?: boolean | null;
  @AnswerField('text', { from: 'opis', example: 'Третья чашка в подарок' }) description?: string | null;
  @AnswerField('text', { description: 'As Recreativ shows it.', example: 'от 190 руб.' }) cost?:
    string | null;
  @AnswerField('text') url?: string | null;
  @AnswerField('text', { from: 'url_mobile' }) urlMobile?: string | null;
  @AnswerField('decimal', { from: 'stavka', example: '3' }) clickPrice?: string | null;
  @AnswerField('flag', { example: true }) active?: boolean | null;
}

/** A category of sites or of goods. */
export class RecreativCategory {
  @AnswerField('text', { needed: true, example: '12' }) id!: string;
  @AnswerField('text', { from: 'parent_id', example: '1' }) parentId?: string | null;
  @AnswerField('text', { example: 'Еда и напитки' }) title?: string | null;
}

/** The status of a site; the index of each word is its number at Recreativ. */
export const siteStatuses = ['moderation', 'active', 'forbidden', 'unconfirmed'] as const;

/** A webmaster's site. */
export class RecreativSite {
  @AnswerField('text', { needed: true, example: '2222' }) id!: string;
  @AnswerField('text', { from: 'status', example: '1' }) providerStatus?: string | null;
  @IsChoice([...siteStatuses, 'other'], { optional: true, example: 'active' })
  status?: (typeof siteStatuses)[number] | 'other';
  @AnswerField('text', { example: 'https://news.example.ru' }) url?: string | null;
  @AnswerField('text', { from: 'category_id', example: '3' }) categoryId?: string | null;
  @AnswerField('text', { from: 'monthly_uniq_users', example: '120000' }) monthlyUniqUsers?: string | null;
  @AnswerField('whole', { from: 'blocks_count', example: 2 }) blocksCount?: number | null;
  @AnswerField('whole', { example: 9000 }) views?: number | null;
  @AnswerField('whole', { example: 90 }) clicks?: number | null;
  @AnswerField('decimal', { description: 'Percent.', example: '1' }) ctr?: string | null;
  @AnswerField('decimal', { example: '25' }) cpm?: string | null;
  @AnswerField('decimal', { description: 'Amount earned.', example: '225' }) money?: string | null;
}

/** Reads a site; its status is a number, or the same number as text. */
export function readSite(row: Reader): RecreativSite {
  const site = readAs(RecreativSite, row);
  const { providerStatus: status } = site;
  if (status == null) return site;
  const known = siteStatuses[/^\d$/.test(status) ? Number(status) : -1];
  return { ...site, status: known ?? siteStatuses.find(word => word === status.toLowerCase()) ?? 'other' };
}

/** A place for offers on a webmaster's site. */
export class RecreativBlock {
  @AnswerField('text', { needed: true, example: '3333' }) id!: string;
  @AnswerField('text', { description: 'The block’s code.' }) bn?: string | null;
  @AnswerField('text', { example: 'Под статьёй' }) title?: string | null;
  @AnswerField('text', { from: 'siteid', example: '2222' }) siteId?: string | null;
}

/** A multiplier of a campaign's bid for one site or device. */
export class RecreativMultiplier {
  @AnswerField('decimal', { from: 'coef', needed: true, example: '1.2' }) coefficient!: string;
  @AnswerField('text', { example: '111' }) campaignId?: string | null;
  @AnswerField('text', { example: '2222' }) siteId?: string | null;
  @AnswerField('text') deviceId?: string | null;
  @AnswerField('text', { example: '3333' }) informerId?: string | null;
}

const unmodified = {
  optional: true,
  description: 'false = nothing changed: it already had this state (Recreativ answered 304).',
};

/** A campaign after it was started or stopped. */
export class RecreativSwitchedCampaign extends RecreativCampaign {
  @IsFlag(unmodified) modified?: false;
}

/** A switched object and its new state. */
export class RecreativSwitched {
  @IsText({ example: '3001' }) id!: string;
  @IsFlag({ example: true }) active!: boolean;
  @IsFlag(unmodified) modified?: false;
}

/** A new multiplier for a site or a kind of device. */
export class RecreativMultiplierSet {
  @IsText({ example: '111' }) campaignId!: string;
  @IsText({ optional: true, example: '2222s3333' }) siteKey?: string;
  @IsText({ optional: true, example: 'mobile' }) device?: string;
  @IsDecimal({ example: '1.2' }) coefficient!: string;
  @IsFlag(unmodified) modified?: false;
}
