export * from './asyncapi/describe-events.js';
export * from './deliveries.js';
export * from './event-core.js';
export { assertEventFilter } from './event-patterns.js';
export * from './message.js';
export * from './queue-names.js';
export * from './subscription-detail.js';
export * from './subscriptions.js';
export * from './workers.js';
