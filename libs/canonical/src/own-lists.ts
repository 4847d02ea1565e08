import { deliveryStatuses, type DeliveryStatus } from './delivery.js';
import { IsChoice, IsIdOf, IsText } from './fields.js';
import { operations } from './operations.js';
import { ListQuery } from './query.js';
import { operationStates, type OperationState } from './states.js';

/** Purchases. */
export class PurchasesQuery extends ListQuery {
  @IsText({ optional: true, max: 64 })
  merchantReference?: string;

  @IsChoice(operationStates, { name: 'OperationState', optional: true })
  state?: OperationState;
}

const writeNames = Object.entries(operations)
  .flatMap(([name, { write }]) => (write ? `\`${name}\`` : []))
  .join(', ');

/** Operations. */
export class OperationsQuery extends ListQuery {
  @IsText({
    optional: true,
    max: 64,
    description: 'All writes with this reference, whatever became of them.',
  })
  merchantReference?: string;

  @IsChoice(operationStates, { name: 'OperationState', optional: true })
  state?: OperationState;

  @IsText({
    optional: true,
    max: 64,
    description: `${writeNames}, \`createConsentSession\`, or a provider’s own write (\`x.recreativ.createOffer\`).`,
  })
  kind?: string;

  @IsIdOf('con', { optional: true })
  connectionId?: string;
}

/** Logged provider calls. */
export class ProviderCallsQuery extends ListQuery {
  @IsIdOf('opr', { optional: true })
  operationId?: string;
}

/** Events. */
export class EventsQuery extends ListQuery {
  @IsText({
    optional: true,
    max: 64,
    description: 'An event type of `/asyncapi.json`, or a family such as `purchase.*`.',
  })
  type?: string;
}

/** Deliveries. */
export class DeliveriesQuery extends ListQuery {
  @IsIdOf('sub', { optional: true })
  subscriptionId?: string;

  @IsChoice(deliveryStatuses, { name: 'DeliveryStatus', optional: true })
  status?: DeliveryStatus;
}
