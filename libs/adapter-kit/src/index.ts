export * from './exchange.js';
export * from './plan.js';
export * from './extension.js';
export * from './adapter.js';
export * from './interpret.js';
export * from './parse.js';
export * from './read.js';
export * from './wire.js';
