import { roundMoney } from '#canonical';
import type {
  AdjustmentAsk,
  BalanceAdjustment,
  BalanceAdjustmentCreate,
  Money,
  OperationResults,
} from '#canonical';
import { writePlanOf, supportFor } from '../connections/capability.js';
import { byCustomer } from '../reads/resolve-who.js';
import { defineKind } from './kind.js';
import { fillRecord, insertRecord, recordOf } from './record.js';

/** A change of a customer's balance. One at a time for each customer: a lost answer is judged by the balance before and after. */
export const adjustmentKind = defineKind<
  BalanceAdjustmentCreate,
  AdjustmentAsk,
  OperationResults['adjustBalance']
>({
  operation: 'adjustBalance',
  resourceType: 'balance-adjustment',
  prefix: 'adj',
  laneClass: 'write',

  async prepare({ core, tx, connection }, { body, params }) {
    const support = supportFor(connection, 'adjustBalance');
    const { subject, customerId } = await byCustomer(core, tx, connection, params.customerId!);
    return {
      plan: writePlanOf(support, connection.settings),
      customerId,
      customerLock: customerId,
      serialKey: `balance:${customerId}`,
      ask: { refs: subject.refs ?? {}, delta: body.delta, reason: body.reason },
    };
  },

  async accept(context, operation, { ask, customerId }) {
    await insertRecord(context, operation, {
      type: 'adjustment',
      customerId,
      body: { delta: roundMoney(ask.delta) },
    });
  },

  async succeeded(context, _ask, { balanceAfter }) {
    await fillRecord(context, { balanceAfter });
  },

  async view(core, tx, operation): Promise<BalanceAdjustment> {
    const { id, customerId, body } = await recordOf(core, tx, operation);
    const { delta, balanceAfter } = body as { delta: Money; balanceAfter?: Money };
    return {
      id,
      state: operation.state,
      outcome: operation.outcome,
      operationId: operation.id,
      customerId: customerId!,
      delta,
      ...(balanceAfter ? { balanceAfter } : {}),
    };
  },
});
