import { readdirSync, readFileSync } from 'node:fs';
import type { Adapter } from '../adapter.js';
import type { Context, Exchange, WireRequest } from '../exchange.js';
import { callOf } from '../plan.js';
import type { Fixture } from './fixture.js';
import type { SimulatorFactory } from './simulator.js';

/** A fixture with its exchange, and its texts converted to the adapter's input. */
export interface Case {
  /** The file's name, with an index if the file contains several. */
  name: string;
  fixture: Fixture;
  exchange: Exchange;
  ask: unknown;
  context: Context;
}

/** Reads every `*.json` below the folder: one fixture or a list of them per file. */
export function readFixtures(folder: URL): { name: string; fixture: Fixture }[] {
  const base = folder.href.endsWith('/') ? folder : new URL(`${folder.href}/`);
  const files = readdirSync(base).filter(name => name.endsWith('.json'));
  return files.sort().flatMap(file => {
    const held = JSON.parse(readFileSync(new URL(file, base), 'utf8')) as Fixture | Fixture[];
    if (!Array.isArray(held)) return [{ name: file, fixture: held }];
    return held.map((fixture, index) => ({ name: `${file} ${index}`, fixture }));
  });
}

/** Every exchange in the declaration, plus `more`: those that only a plan sends. */
export function exchangesOf(adapter: Adapter, more: Exchange[] = []): Exchange[] {
  const declared = [...Object.values(adapter.operations), ...Object.values(adapter.extensions ?? {})];
  const called = declared.flatMap(entry => ('does' in entry ? [callOf(entry.does)] : []));
  const checked = 'exchange' in adapter.check ? [adapter.check.exchange] : [];
  return [...new Set([...called, ...checked, ...more])];
}

const NOON = '2026-01-15T12:00:00.000Z';

/** The adapter's input for a fixture: frozen, so that an exchange which changes its input fails. */
export function caseOf(
  { name, fixture }: { name: string; fixture: Fixture },
  { adapter, simulator, exchange }: { adapter: Adapter; simulator: SimulatorFactory; exchange: Exchange },
): Case {
  const settings = Object.assign(new adapter.settings(), fixture.settings ?? simulator.demo.settings);
  const { nonce, operationId } = fixture;
  const context = { settings, now: new Date(fixture.now ?? NOON), nonce, operationId };
  return { name, fixture, exchange, ask: frozen(withDates(fixture.ask)), context };
}

// `from` and `to` are the only times in an input; a bare date (in an extension's query) stays text.
function withDates(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return /^(from|to)$/.test(key) && /^\d{4}-\d\d-\d\dT.*Z$/.test(value) ? new Date(value) : value;
  if (Array.isArray(value)) return value.map(item => withDates(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withDates(inner, name)]));
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

/** The value as in JSON, but without hiding errors: `NaN` does not become null. Times become RFC 3339, absent members are removed. */
export function plain(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(present.map(([key, inner]) => [key, plain(inner)]));
}

/** A request for comparison, without absent members. */
export const plainRequest = (request: WireRequest): WireRequest => plain(request) as WireRequest;
