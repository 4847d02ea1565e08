import { contractSuite } from '#adapter-kit/testing';
import { userBalance } from './adjust-balance.js';
import { knownUsers } from './known-users.js';
import { user } from './customer.js';
import { knownOffers } from './offers.js';
import { payments } from './payouts.js';
import { recreativ } from './recreativ.adapter.js';
import { campaignDevices, campaignSites, offerStatistics, webmasterStatistic } from './reports.js';
import { recreativSimulator } from './simulator.js';
import { users } from './users.js';

contractSuite({
  adapter: recreativ,
  fixtures: new URL('./fixtures/', import.meta.url),
  simulator: recreativSimulator,
  exchanges: [
    user,
    users,
    knownUsers,
    userBalance,
    knownOffers,
    payments,
    offerStatistics,
    webmasterStatistic,
    campaignSites,
    campaignDevices,
  ],
});
