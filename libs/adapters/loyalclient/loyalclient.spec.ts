import { contractSuite } from '#adapter-kit/testing';
import { clientStanding } from './client.js';
import { loyalclient } from './loyalclient.adapter.js';
import { recalcStanding } from './recalc.js';
import { loyalclientSimulator } from './simulator.js';

contractSuite({
  adapter: loyalclient,
  fixtures: new URL('./fixtures/', import.meta.url),
  simulator: loyalclientSimulator,
  exchanges: [clientStanding, recalcStanding],
});
