import { IsChoice, IsDecimal, IsFlag, IsText } from '#canonical';
import type { Reader } from '#adapter-kit';
import { Told, ToldParts, readAs } from './told.js';

/** An account at Recreativ. */
export class RecreativUser {
  @Told('text', { needed: true, example: '6001' }) id!: string;
  @Told('text', { description: 'Login.', example: 'anna' }) username?: string | null;
  @Told('text', { description: 'Undocumented in answers; the person’s name.' }) name?: string | null;
  @Told('text', { example: 'anna@example.com' }) email?: string | null;
  @Told('text', { description: '`publisher` or `advertiser`.', example: 'advertiser' }) type?: string | null;
  @Told('text', { example: 'https://coffee.example.ru' }) url?: string | null;
  @Told('text', { description: 'Registration, as Recreativ writes it.', example: '2025-03-01' })
  date?: string | null;
  @Told('decimal', { description: 'Daily budget.', example: '25' }) maxmoney?: string | null;
  @Told('text') whatsapp?: string | null;
  @Told('text') telegram?: string | null;
  @Told('text') skype?: string | null;
  @Told('text') phone?: string | null;
  @Told('decimal', { example: '1250.5' }) balance?: string | null;
  @Told('text', { description: 'Whose referral the account is.', example: '5001' }) parentId?: string | null;
}

/** What an advertiser's traffic came to, in the account's currency. */
export class RecreativTraffic {
  @Told('whole', { example: 1200 }) views?: number | null;
  @Told('whole', { example: 24 }) clicks?: number | null;
  @Told('decimal', { description: 'Spent.', example: '72' }) money?: string | null;
  @Told('whole', { description: 'Conversions.', example: 2 }) orders?: number | null;
  @Told('decimal', { example: '60' }) cpm?: string | null;
  @Told('decimal', { example: '36' }) cpo?: string | null;
  @Told('decimal', { description: 'Percent.', example: '8.33' }) cr?: string | null;
  @Told('decimal', { example: '3' }) cpc?: string | null;
}

/** An advertiser's campaign. */
export class RecreativCampaign extends RecreativTraffic {
  @Told('text', { needed: true, example: '111' }) id!: string;
  @Told('text', { example: 'Кофе с собой' }) title?: string | null;
  @Told('flag', { example: true }) active?: boolean | null;
  @Told('whole', { description: 'Limit of clicks.', example: 1000 }) maxclicks?: number | null;
  @Told('decimal', { description: 'Limit of spending.', example: '25' }) maxmoney?: string | null;
  @Told('flag', { example: false }) isRetarget?: boolean | null;
  @Told('text', { from: 'category_id', example: '12' }) categoryId?: string | null;
  @Told('whole', { description: 'Goods.', example: 3 }) items?: number | null;
  @Told('text', { from: 'status', description: 'Recreativ’s own number; undocumented.', example: '1' })
  providerStatus?: string | null;
}

/** A picture of an offer. */
export class RecreativImage {
  @Told('text', { example: 'https://img.recreativ.com/3001_240x240.jpg' }) url?: string | null;
  @Told('text', { example: '240x240,480x480' }) allowedSizes?: string | null;
  @Told('text', { example: 'https://img.recreativ.com/3001_{size}.jpg' }) pattern?: string | null;
}

/** An advertiser's offer (a teaser). */
export class RecreativOffer extends RecreativTraffic {
  @Told('text', { needed: true, example: '3001' }) id!: string;
  @Told('text', { example: 'Капучино' }) title?: string | null;
  @Told('text', { example: '111' }) campaignId?: string | null;
  @ToldParts(() => RecreativImage) img?: RecreativImage[] | null;
  @ToldParts(() => RecreativImage, { from: 'img_wide' }) imgWide?: RecreativImage[] | null;
  @Told('flag') isRetarget?: boolean | null;
  @Told('text', { from: 'opis', example: 'Третья чашка в подарок' }) description?: string | null;
  @Told('text', { description: 'As Recreativ writes it.', example: 'от 190 руб.' }) cost?: string | null;
  @Told('text') url?: string | null;
  @Told('text', { from: 'url_mobile' }) urlMobile?: string | null;
  @Told('decimal', { from: 'stavka', example: '3' }) clickPrice?: string | null;
  @Told('flag', { example: true }) active?: boolean | null;
}

/** A category of sites or of goods. */
export class RecreativCategory {
  @Told('text', { needed: true, example: '12' }) id!: string;
  @Told('text', { from: 'parent_id', example: '1' }) parentId?: string | null;
  @Told('text', { example: 'Еда и напитки' }) title?: string | null;
}

/** What a site may be; `other` is a word that the document does not know. */
export const siteStatuses = ['moderation', 'active', 'forbidden', 'unconfirmed'] as const;

/** A webmaster's site. */
export class RecreativSite {
  @Told('text', { needed: true, example: '2222' }) id!: string;
  @Told('text', { from: 'status', example: '1' }) providerStatus?: string | null;
  @IsChoice([...siteStatuses, 'other'], { optional: true, example: 'active' })
  status?: (typeof siteStatuses)[number] | 'other';
  @Told('text', { example: 'https://news.example.ru' }) url?: string | null;
  @Told('text', { from: 'category_id', example: '3' }) categoryId?: string | null;
  @Told('text', { from: 'monthly_uniq_users', example: '120000' }) monthlyUniqUsers?: string | null;
  @Told('whole', { from: 'blocks_count', example: 2 }) blocksCount?: number | null;
  @Told('whole', { example: 9000 }) views?: number | null;
  @Told('whole', { example: 90 }) clicks?: number | null;
  @Told('decimal', { description: 'Percent.', example: '1' }) ctr?: string | null;
  @Told('decimal', { example: '25' }) cpm?: string | null;
  @Told('decimal', { description: 'Earned.', example: '225' }) money?: string | null;
}

/** Reads a site; its status comes as a number or as the same number in a text. */
export function readSite(row: Reader): RecreativSite {
  const site = readAs(RecreativSite, row);
  const { providerStatus: said } = site;
  if (said == null) return site;
  const known = siteStatuses[/^\d$/.test(said) ? Number(said) : -1];
  return { ...site, status: known ?? siteStatuses.find(word => word === said.toLowerCase()) ?? 'other' };
}

/** A place for offers on a webmaster's site. */
export class RecreativBlock {
  @Told('text', { needed: true, example: '3333' }) id!: string;
  @Told('text', { description: 'Code of the block.' }) bn?: string | null;
  @Told('text', { example: 'Под статьёй' }) title?: string | null;
  @Told('text', { from: 'siteid', example: '2222' }) siteId?: string | null;
}

/** A multiplier of a campaign's bid for one site or device. */
export class RecreativMultiplier {
  @Told('decimal', { from: 'coef', needed: true, example: '1.2' }) coefficient!: string;
  @Told('text', { example: '111' }) campaignId?: string | null;
  @Told('text', { example: '2222' }) siteId?: string | null;
  @Told('text') deviceId?: string | null;
  @Told('text', { example: '3333' }) informerId?: string | null;
}

const unmodified = { optional: true, description: 'false = Recreativ said 304: it stood so already.' };

/** A campaign after it was started or stopped; id and `active` alone where Recreativ answers nothing. */
export class RecreativSwitchedCampaign extends RecreativCampaign {
  @IsFlag(unmodified) modified?: false;
}

/** What was switched, and how it stands now. */
export class RecreativSwitched {
  @IsText({ example: '3001' }) id!: string;
  @IsFlag({ example: true }) active!: boolean;
  @IsFlag(unmodified) modified?: false;
}

/** A multiplier that was set, for a site or for a kind of device. */
export class RecreativMultiplierSet {
  @IsText({ example: '111' }) campaignId!: string;
  @IsText({ optional: true, example: '2222s3333' }) siteKey?: string;
  @IsText({ optional: true, example: 'mobile' }) device?: string;
  @IsDecimal({ example: '1.2' }) coefficient!: string;
  @IsFlag(unmodified) modified?: false;
}
