export * from './client.js';
export * from './keys.js';
export * from './outcome.js';
export * from './patience.js';
export * from './problem-error.js';
export * from './types.js';
export * from './webhook.js';
