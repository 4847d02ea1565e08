import { retryClassOf } from '#adapter-kit';
import type { Context, Exchange } from '#adapter-kit';
import { registry } from '#adapters';
import { caseOf, exchangesOf, readFixtures } from '../../../libs/adapter-kit/src/testing/cases.js';
import type { Stage } from './stage.js';
import type { WriteCall } from './write-call.js';
import { loyalclientWrites } from './writes/loyalclient.js';
import { ppWrites } from './writes/pp.js';
import { reccaWrites } from './writes/recca.js';
import { recreativWrites } from './writes/recreativ.js';
import { arrangedReads, udsWrites } from './writes/uds.js';

/** Every write of every provider, with variants that end differently. */
export const writeCalls: readonly WriteCall[] = [
  ...udsWrites,
  ...loyalclientWrites,
  ...recreativWrites,
  ...ppWrites,
  ...reccaWrites,
];

/** A read of an adapter, with a request that its simulator answers. */
export interface ReadCall {
  provider: string;
  exchange: Exchange;
  /** Prepares the state, and returns the request. */
  ask(stage: Stage): Promise<{ ask: unknown; context: Context }>;
}

/** Every read that an adapter declares. */
export const readCalls = (): ReadCall[] =>
  Object.entries(registry).flatMap(([provider, { adapter, simulator }]) => {
    const held = readFixtures(new URL(`../../../libs/adapters/${provider}/fixtures/`, import.meta.url));
    return declared(provider, true).flatMap(exchange => {
      const named = held.find(({ fixture }) => fixture.conform && fixture.exchange === exchange.name);
      const ask = named
        ? async () => caseOf(named, { adapter, exchange, simulator: await simulator() })
        : arrangedReads[exchange.name];
      return ask ? [{ provider, exchange, ask }] : [];
    });
  });

/** The exchanges of an adapter that read, or those that write. */
export function declared(provider: string, reads: boolean): Exchange[] {
  const { adapter } = registry[provider]!;
  const settings = new adapter.settings();
  return exchangesOf(adapter).filter(exchange => (retryClassOf(exchange, settings) === 'read') === reads);
}

/** The exchange of a write. */
export const exchangeOf = ({ provider, exchange }: WriteCall): Exchange | undefined =>
  declared(provider, false).find(({ name }) => name === exchange);
