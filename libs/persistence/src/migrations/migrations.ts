import { House1764000000001 } from './1-house.js';
import { Events1764000000002 } from './2-events.js';
import { Lanes1764000000003 } from './3-lanes.js';
import { Holds1764000000004 } from './4-holds.js';
import { UnheardEvents1764000000005 } from './5-unheard-events.js';
import { Tidy1764000000006 } from './6-tidy.js';
import { ConversionsOfLeads1764000000007 } from './7-conversions-of-leads.js';
import { Lists1764000000008 } from './8-lists.js';
import { HeadStart1764000000009 } from './9-head-start.js';
import { Expectations1764000000010 } from './10-expectations.js';
import { SerialRepeats1764000000011 } from './11-serial-repeats.js';
import { RootKey1764000000012 } from './12-root-key.js';
import { Turns1764000000013 } from './13-turns.js';
import { OwnSites1764000000014 } from './14-own-sites.js';
import { Payouts1764000000015 } from './15-payouts.js';
import { DoubtedSpends1764000000016 } from './16-doubted-spends.js';
import { OneAddress1764000000017 } from './17-one-address.js';
import { OperationsByReference1764000000018 } from './18-operations-by-reference.js';

/** All migrations, oldest first. */
export const migrations = [
  House1764000000001,
  Events1764000000002,
  Lanes1764000000003,
  Holds1764000000004,
  UnheardEvents1764000000005,
  Tidy1764000000006,
  ConversionsOfLeads1764000000007,
  Lists1764000000008,
  HeadStart1764000000009,
  Expectations1764000000010,
  SerialRepeats1764000000011,
  RootKey1764000000012,
  Turns1764000000013,
  OwnSites1764000000014,
  Payouts1764000000015,
  DoubtedSpends1764000000016,
  OneAddress1764000000017,
  OperationsByReference1764000000018,
];
