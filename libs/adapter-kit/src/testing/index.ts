export * from './fixture.js';
export * from './contract-suite.js';
export * from './simulator.js';
export * from './play.js';
