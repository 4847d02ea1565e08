import { Command, GatewayEvent, Problem } from '#canonical';
import type { Schema } from '#canonical';
import { commandKinds } from '../command-kinds.js';
import { eventFamilies } from '../event-patterns.js';
import { eventTypes } from '../event-types.js';
import { commandQueueName, deadCommandQueueName, DEFAULT_TENANT_SLUG } from '../queue-names.js';
import { schemaRef, schemasOf } from './json-schemas.js';

const about = `Events that the gateway sends, and commands that it accepts.

* Delivery is at least once: a duplicate has the same id (\`webhook-id\`, job id). The order is not guaranteed; \`sequence\` counts per resource, without gaps.
* Queues are BullMQ queues with the default prefix \`bull\`. In the embedded default they are in Postgres, schema \`bullmq\`.
* Queues of tenants other than the default one start with \`loyalty.tenants.{slug}.\`.`;

/** The AsyncAPI 3 document of events and commands, generated from the canonical classes. */
export const describeEvents = (): object => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Loyalty Gateway: events and commands',
    version: '1.0.0',
    description: about,
    license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
  defaultContentType: 'application/json',
  channels,
  operations: {
    deliverWebhook: sends(
      'webhook',
      'POST of an event to the URL of a subscription; any 2xx acknowledges it, 410 ends the subscription.',
    ),
    queueEvent: sends('eventQueue', 'An event for your own worker.'),
    takeCommand: {
      action: 'receive',
      channel: refTo('channels/commands'),
      summary: 'A write, with the same body as in REST.',
    },
    buryCommand: sends('deadCommands', 'A command that can never be executed.'),
  },
  components: {
    messages,
    schemas: { ...schemasOf([GatewayEvent, Command, Problem, ...bodies]), ...composed },
  },
});

const refTo = (path: string): Schema => ({ $ref: `#/${path}` });
const sends = (channel: string, summary: string) => ({
  action: 'send',
  channel: refTo(`channels/${channel}`),
  summary,
});

const bodies = Object.values(commandKinds).map(({ body }) => body);

const channels = {
  webhook: {
    address: '{url}',
    title: 'Webhooks',
    description: 'Standard Webhooks 1.0.',
    parameters: { url: { description: 'The URL of the subscription.' } },
    messages: { event: refTo('components/messages/webhookEvent') },
  },
  eventQueue: {
    address: '{queue}',
    title: 'Event queues',
    description: 'The job’s name is the event’s type, its id the event’s id.',
    parameters: { queue: { description: '`queue` of the subscription.' } },
    messages: { event: refTo('components/messages/queuedEvent') },
  },
  commands: {
    address: commandQueueName(DEFAULT_TENANT_SLUG),
    title: 'Commands',
    messages: { command: refTo('components/messages/command') },
  },
  deadCommands: {
    address: deadCommandQueueName(DEFAULT_TENANT_SLUG),
    title: 'Commands that can never be executed',
    messages: { dead: refTo('components/messages/deadCommand') },
  },
};

const header = (description: string, example: string): Schema => ({
  type: 'string',
  description,
  examples: [example],
});

const messages = {
  webhookEvent: {
    title: 'Event',
    summary: `Families: ${eventFamilies.map(family => `\`${family}.*\``).join(', ')}.`,
    description: `Types, to which later versions may add: ${eventTypes.map(type => `\`${type}\``).join(', ')}.`,
    headers: {
      type: 'object',
      required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
      properties: {
        'webhook-id': header('The event’s id, the same on every attempt.', 'evt_01h455vb4pex5vsknk084sn02q'),
        'webhook-timestamp': header('Unix time of this attempt, in seconds.', '1795255200'),
        'webhook-signature': header(
          'One `v1,…` per active secret, separated by spaces.',
          'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
        ),
      },
    },
    payload: schemaRef(GatewayEvent),
  },
  queuedEvent: { title: 'Event', payload: schemaRef(GatewayEvent) },
  command: {
    title: 'Command',
    summary: Object.entries(commandKinds)
      .map(
        ([kind, { call, about: id }]) => `\`${kind}\` = ${call}${id ? ` (\`resourceId\`: the ${id})` : ''}`,
      )
      .join('; '),
    payload: refTo('components/schemas/TypedCommand'),
  },
  deadCommand: { title: 'Dead command', payload: refTo('components/schemas/DeadCommand') },
};

const composed: Record<string, Schema> = {
  TypedCommand: {
    allOf: [
      schemaRef(Command),
      {
        oneOf: Object.entries(commandKinds).map(([kind, { body, about: id }]) => ({
          title: kind,
          properties: { kind: { const: kind }, body: schemaRef(body) },
          ...(id && { required: ['resourceId'] }),
        })),
      },
    ],
  },
  DeadCommand: {
    type: 'object',
    required: ['command', 'problem'],
    properties: {
      command: { description: 'The command as received, with personal data masked.' },
      problem: schemaRef(Problem),
    },
  },
};
