import { Check, IsChoice, IsIdOf, IsMoment, IsText, IsTexts, IsWebAddress, IsWhole } from './fields.js';
import { IsFree, IsPart } from './parts.js';
import { unacceptable, type Rule } from './rules.js';

/** Where events can go. */
export const targetTypes = ['webhook', 'queue'] as const;
/** One of `targetTypes`. */
export type TargetType = (typeof targetTypes)[number];

const placeOf = { webhook: 'url', queue: 'name' } as const;

const fitsType: Rule = (_, owner) => {
  const target = owner as SubscriptionTarget;
  // Another type is refused as such.
  if (!Object.hasOwn(placeOf, target.type)) return undefined;
  const place = placeOf[target.type];
  const told = (what: string) => ({ ...unacceptable(`A ${target.type} ${what}.`), ofOwner: true as const });
  if (target[place] === undefined) return told(`needs a \`${place}\``);
  const more = target[place === 'url' ? 'name' : 'url'] !== undefined;
  return more ? told(`takes only a \`${place}\``) : undefined;
};

/** A webhook with its address, or a BullMQ queue with its name. */
export class SubscriptionTarget {
  @IsChoice(targetTypes, { name: 'TargetType', example: 'webhook' })
  @Check('target', fitsType)
  type!: TargetType;

  @IsWebAddress({
    optional: true,
    description: 'The address of a webhook.',
    example: 'https://shop.example.com/hooks/loyalty',
  })
  url?: string;

  @IsText({ optional: true, max: 100, pattern: /^[A-Za-z0-9._-]+$/, description: 'The name of a queue.' })
  name?: string;
}

const eventPatterns = {
  min: 1,
  max: 50,
  description: 'Event types (listed in `/asyncapi.json`) or families (`purchase.*`); `*` = all.',
  example: ['purchase.*'],
};

/** The input for a new subscription. */
export class SubscriptionCreate {
  @IsPart(() => SubscriptionTarget)
  target!: SubscriptionTarget;

  @IsTexts(eventPatterns)
  events!: string[];
}

/** A destination that events are delivered to. */
export class Subscription {
  @IsIdOf('sub')
  id!: string;

  @IsPart(() => SubscriptionTarget)
  target!: SubscriptionTarget;

  @IsTexts(eventPatterns)
  events!: string[];

  @IsText({
    optional: true,
    description: 'The signing secret; only in the answer that creates or rotates it.',
    example: 'whsec_…',
  })
  secret?: string;

  @IsMoment()
  createdAt!: string;
}

/** Something that happened. Thin on purpose: read the resource for the details. */
export class GatewayEvent {
  @IsIdOf('evt')
  id!: string;

  @IsText({ example: 'purchase.succeeded' })
  type!: string;

  @IsMoment()
  timestamp!: string;

  @IsWhole({
    min: 1,
    description: 'Number of the event within its resource, starting at 1, without gaps.',
    example: 2,
  })
  sequence!: number;

  @IsFree({
    description: 'The resource’s id and new state.',
    example: { id: 'pur_01h455vb4pex5vsknk084sn02q', state: 'succeeded' },
  })
  data!: Record<string, unknown>;
}

/** dead = given up after the last attempt; a replay sends it again. */
export const deliveryStatuses = ['pending', 'delivered', 'dead'] as const;
/** One of `deliveryStatuses`. */
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One event on its way to one subscription. */
export class Delivery {
  @IsIdOf('dlv')
  id!: string;

  @IsIdOf('sub')
  subscriptionId!: string;

  @IsIdOf('evt')
  eventId!: string;

  @IsText({ optional: true, example: 'purchase.succeeded' })
  eventType?: string;

  @IsChoice(deliveryStatuses, { name: 'DeliveryStatus', example: 'delivered' })
  status!: DeliveryStatus;

  @IsWhole({ min: 0, example: 1 })
  attempts!: number;

  @IsWhole({ optional: true, description: 'HTTP status of the last answer.', example: 204 })
  lastStatus?: number;

  @IsText({ optional: true, max: 500, description: 'Why the last attempt failed.' })
  lastError?: string;

  @IsMoment({ optional: true })
  nextAt?: string;

  @IsMoment({ optional: true })
  deliveredAt?: string;

  @IsMoment()
  createdAt!: string;
}

/** A command in the queue `loyalty.commands`, with the same body as in REST. */
export class Command {
  @IsText({ max: 64, description: 'The connection’s id or slug.', example: 'uds-main' })
  connection!: string;

  @IsText({ min: 16, max: 255, pattern: /^[\x21\x23-\x7e]+$/, example: 'order-2026-000117-1' })
  idempotencyKey!: string;

  @IsText({ max: 64, description: 'The canonical operation.', example: 'createPurchase' })
  kind!: string;

  @IsFree({ description: 'The body of the corresponding REST call.' })
  body!: Record<string, unknown>;

  @IsText({
    optional: true,
    max: 64,
    description: 'The resource’s id, for commands that concern one.',
    example: undefined,
  })
  resourceId?: string;
}
