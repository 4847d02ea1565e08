import { describe, expect, it } from 'vitest';
import {
  holdTransitions,
  isTerminal,
  operationStates,
  operationTransitions,
  outcomeOf,
  terminalStates,
  type Transitions,
} from './states.js';

function reachable(table: Transitions<string>, from: readonly string[]): Set<string> {
  const seen = new Set(from);
  for (const state of seen) table[state]!.forEach(next => seen.add(next));
  return seen;
}

describe.each([
  ['operation', operationTransitions as Transitions<string>, ['queued']],
  // Doubtful where the answer to its creation was lost.
  ['hold', holdTransitions as Transitions<string>, ['active', 'doubtful']],
])('the states of an %s', (_, table, initial) => {
  const states = Object.keys(table);

  it('can all be reached', () => {
    expect([...reachable(table, initial)].sort()).toEqual([...states].sort());
  });

  it('all lead to an end', () => {
    for (const state of states) {
      const ends = [...reachable(table, [state])].filter(one => isTerminal(table, one));
      expect([state, ends.length > 0]).toEqual([state, true]);
    }
  });

  it('have no transition to themselves', () => {
    expect(states.filter(state => table[state]!.includes(state))).toEqual([]);
  });
});

describe('an operation', () => {
  it('ends in four states, which have no exit', () => {
    expect([...terminalStates].sort()).toEqual(['cancelled', 'expired', 'rejected', 'succeeded']);
  });

  it('is never sent again once its answer was lost', () => {
    expect(operationTransitions.unknown).not.toContain('queued');
    const beforeSending = operationStates.filter(state =>
      operationTransitions[state].includes('dispatching'),
    );
    expect(beforeSending).toEqual(['queued']);
  });

  it('proves an outcome only by its end', () => {
    expect(Object.fromEntries(operationStates.map(state => [state, outcomeOf(state)]))).toEqual({
      queued: 'unknown',
      dispatching: 'unknown',
      succeeded: 'executed',
      rejected: 'not-executed',
      unknown: 'unknown',
      'needs-review': 'unknown',
      cancelled: 'not-executed',
      expired: 'not-executed',
    });
  });
});

describe('a hold', () => {
  it('ends in two states, or expires; from `expired` only a purchase that used it can still move it', () => {
    const ends = Object.keys(holdTransitions).filter(state =>
      isTerminal(holdTransitions as Transitions<string>, state),
    );
    expect(ends.sort()).toEqual(['consumed', 'released']);
    expect(holdTransitions.expired).toEqual(['consumed']);
  });
});
