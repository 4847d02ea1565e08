import { Refusal } from '#canonical';
import { Unanswered, send, sendAnew, steps, undecided } from '#adapter-kit';
import type { Exchange, Extension, ExtensionAsk, PlanRun } from '#adapter-kit';
import { statusOf } from './refusal.js';

/** What the answer to a change says; `sure` = it proves that the change was made. */
export interface Told<Result> {
  result: Result;
  sure: boolean;
}

/** What a read says of a change; `hidden` = it does not show what was to be changed. */
export type Sight<Result> = { is: 'done'; result: Result } | { is: 'undone' | 'hidden' };

/** How a change that may be repeated is made, and looked up by the state that it was to reach: who reached it does not matter. */
export function absolute(
  change: Exchange<ExtensionAsk, Told<object | null>>,
  see: (ask: ExtensionAsk) => PlanRun<Sight<object | null>>,
): Pick<Extension, 'does' | 'reconcile'> {
  return {
    does: steps(change, function* (ask: ExtensionAsk): PlanRun<object | null> {
      const { result, sure } = yield* send(change, ask);
      if (sure) return result;
      const sight = yield* see(ask);
      if (sight.is !== 'done')
        throw new Unanswered('Recreativ answered without a proof, and does not show the change');
      return result && { ...result, ...sight.result };
    }),
    reconcile: {
      strategy: 'state',
      *run(ask, context) {
        const sight = yield* see(ask);
        if (sight.is === 'done') return { verdict: 'executed', result: sight.result, evidence: 'strong' };
        if (sight.is === 'hidden')
          return undecided('Recreativ does not show what was to be changed.', context);
        return { verdict: 'absent', ...(!context.denied && { refusal: unconfirmed }) };
      },
    },
  };
}

const unconfirmed = new Refusal('provider-rejected', {
  detail: 'Recreativ never confirmed the change, and does not show it: it is not in effect. Send it again.',
});

/** Reads the object of a change as it is now; `null` = there is none. */
export const sendIfThere = <Result>(
  exchange: Exchange<ExtensionAsk, Result>,
  { params }: ExtensionAsk,
): PlanRun<Result | null> =>
  sendAnew<ExtensionAsk, Result | null>(
    {
      ...exchange,
      accepts: [404],
      read: (answer, ask, context) => (statusOf(answer) === 404 ? null : exchange.read(answer, ask, context)),
    },
    { params, query: {}, body: undefined },
  );
