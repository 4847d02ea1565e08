import { operations } from '#canonical';
import type { OperationKind } from '#canonical';
import type { Adapter, Declared } from '../adapter.js';
import type { Exchange } from '../exchange.js';
import { interpret } from '../interpret.js';
import { callOf } from '../plan.js';
import { caseOf, exchangesOf, plain, plainRequest, readFixtures } from './cases.js';
import type { Case } from './cases.js';
import { driftsOf, factsOf, madeUp, nonsenseIn } from './drift.js';
import { dialectsOf } from './simulator.js';
import type { SimulatorFactory } from './simulator.js';
import { answerOf, answerOfSimulator, simulated } from './wire-form.js';

// The sandbox shares this index for its simulators, and also runs without a test runner installed.
const { describe, expect, it } = process.env['VITEST']
  ? await import('vitest')
  : ({} as typeof import('vitest'));

/** The inputs of the contract suite. */
export interface ContractSuite {
  adapter: Adapter;
  /** The folder of the adapter's fixtures: `new URL('./fixtures/', import.meta.url)`. */
  fixtures: URL;
  simulator: SimulatorFactory;
  /** Exchanges that only a plan sends (a step before the call, a look-up of reconciliation). */
  exchanges?: Exchange[];
}

/** Registers the tests that every adapter passes: its declaration, its fixtures both ways, drift, and its simulator. */
export function contractSuite({ adapter, fixtures, simulator, exchanges: more }: ContractSuite): void {
  const exchanges = exchangesOf(adapter, more);
  const recorded = readFixtures(fixtures);
  describe(`${adapter.title}: the declaration`, () => {
    declarationTests(adapter);
    exchangeTests(
      adapter,
      exchanges,
      recorded.map(({ fixture }) => fixture.exchange),
    );
  });
  for (const entry of recorded) {
    const exchange = exchanges.find(({ name }) => name === entry.fixture.exchange);
    if (!exchange) continue; // The tests of the declaration report it.
    describe(`${adapter.title}: ${entry.name}`, () =>
      fixtureTests(adapter, simulator, caseOf(entry, { adapter, simulator, exchange })));
  }
}

// A capital (or a code word), at least four words, a full stop.
const SENTENCE = /^[\p{Lu}`"«][^]*\s\S+\s\S+\s[^]*[.!]$/u;

function declarationTests(adapter: Adapter): void {
  const declared = Object.entries(adapter.operations) as [OperationKind, Declared][];

  it('answers every canonical operation, "no" with a full sentence', () => {
    expect(Object.keys(adapter.operations).sort()).toEqual(Object.keys(operations).sort());
    const reasons = declared.flatMap(([, each]) => (each.support === 'no' ? [each.reason] : []));
    for (const reason of [...reasons, ...lookupReasons(adapter)]) expect(reason).toMatch(SENTENCE);
  });

  it('calls no write a read, and no read a write', () => {
    const wrong = declared.filter(([kind, each]) => {
      if (!('does' in each)) return false;
      const { retryClass } = callOf(each.does);
      return operations[kind].write === (retryClass === 'read');
    });
    expect(wrong.map(([kind]) => kind)).toEqual([]);
  });
}

function lookupReasons(adapter: Adapter): string[] {
  const lookup = adapter.operations.lookupCustomer;
  if (!('does' in lookup)) return [];
  return Object.values(lookup.traits.by).filter(reason => typeof reason === 'string');
}

function exchangeTests(adapter: Adapter, exchanges: Exchange[], fixtured: string[]): void {
  const names = exchanges.map(({ name }) => name);

  it('gives each exchange a unique name', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('has a fixture for every exchange, and none for an unknown one', () => {
    expect(names.filter(name => !fixtured.includes(name))).toEqual([]);
    expect(fixtured.filter(name => !names.includes(name))).toEqual([]);
  });

  it('shares answers of reads only', () => {
    const shared = exchanges.filter(({ cacheSeconds, retryClass }) => cacheSeconds && retryClass !== 'read');
    expect(shared.map(({ name }) => name)).toEqual([]);
  });

  it('extends with GET for reads only', () => {
    const gets = Object.entries(adapter.extensions ?? {}).filter(([, { method }]) => method === 'GET');
    const writes = gets.filter(([, { does }]) => callOf(does).retryClass !== 'read');
    expect(writes.map(([name]) => name)).toEqual([]);
  });
}

function fixtureTests(adapter: Adapter, simulator: SimulatorFactory, recorded: Case): void {
  const { fixture, exchange, ask, context } = recorded;
  const build = () => plainRequest(exchange.request(ask, context));

  if (fixture.request || fixture.conform)
    it('builds the expected request, always the same, without nulls or texts like "undefined"', () => {
      const request = build();
      if (fixture.request) expect(request).toStrictEqual(plain(fixture.request));
      expect(build()).toStrictEqual(request);
      const nulls = factsOf(request).filter(fact => fact.endsWith('=null'));
      expect([...nulls, ...nonsenseIn(request)]).toEqual([]);
      expect(request.path).toMatch(/^(\/\S*)?$/);
      expect(request.json === undefined || request.form === undefined).toBe(true);
    });

  it('reads the answer as expected', () => {
    const expected = ['result', 'refusal', 'unanswered', 'throttled'].filter(key => key in fixture);
    expect(expected).toHaveLength(1);
    expect(meaningOf(adapter, recorded)).toMatchObject(expectedOf(recorded));
    if ('result' in fixture)
      expect(meaningOf(adapter, recorded)).toStrictEqual({ kind: 'done', result: fixture.result });
  });

  if ('result' in fixture) it('survives drift of the answer', () => driftTest(adapter, recorded));

  if (fixture.conform) conformityTests(adapter, simulator, recorded);
}

function conformityTests(adapter: Adapter, simulator: SimulatorFactory, recorded: Case): void {
  const { fixture, exchange, ask, context } = recorded;
  const dialects = Object.entries(dialectsOf(simulator));
  it.each(dialects)(
    'is answered by the fresh simulator in words that are understood: %s',
    (name, options) => {
      const request = simulated(adapter, simulator, exchange.request(ask, context), context.now);
      const answer = answerOfSimulator(simulator.create(options).handle(request));
      const meaning = interpret(adapter, exchange, answer, ask, context);
      const code = fixture.refusedIn?.[name];
      const expected = code ? { kind: 'refused', refusal: { code } } : { kind: 'done' };
      expect(meaning, answer.text).toMatchObject(expected);
    },
  );
  it('names no dialect that there is not', () => {
    expect(Object.keys(dialectsOf(simulator))).toEqual(
      expect.arrayContaining(Object.keys(fixture.refusedIn ?? {})),
    );
  });
}

/** The kit's interpretation of the recorded answer, for comparison. */
function meaningOf(adapter: Adapter, recorded: Case, answer = recorded.fixture.answer) {
  const { exchange, ask, context } = recorded;
  const meaning = interpret(adapter, exchange, answerOf(answer), ask, context);
  if (meaning.kind === 'done') return { kind: meaning.kind, result: plain(meaning.result) };
  if (meaning.kind !== 'refused') return { kind: meaning.kind };
  const { code, members } = meaning.refusal;
  return { kind: meaning.kind, code, providerCode: members.provider?.code, members };
}

function expectedOf({ fixture }: Case): object {
  if (fixture.unanswered) return { kind: 'unanswered' };
  if (fixture.throttled) return { kind: 'throttled' };
  if (!fixture.refusal) return { kind: 'done' };
  const { extra, ...refusal } = fixture.refusal;
  return { kind: 'refused', ...refusal, ...(extra ? { members: extra } : {}) };
}

function driftTest(adapter: Adapter, recorded: Case): void {
  const { answer } = recorded.fixture;
  const { body, format } = answerOf(answer);
  if (format !== 'json') return;
  const before = meaningOf(adapter, recorded).result;
  for (const drift of driftsOf(body)) {
    const after = meaningOf(adapter, recorded, { ...answer, text: undefined, json: drift.body });
    // A read may conclude "no such customer" from a list; a write must never read drift as a refusal.
    const concluded =
      after.kind === 'refused' && recorded.exchange.retryClass === 'read' && !after.providerCode;
    if (!concluded) expect(['done', 'unanswered'], drift.name).toContain(after.kind);
    if (after.kind === 'done') expect(madeUp(drift, before, after.result), drift.name).toEqual([]);
  }
}
