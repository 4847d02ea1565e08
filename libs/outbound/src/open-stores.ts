import {
  BacklogStore,
  BalanceStore,
  ConnectionStore,
  CustomerStore,
  DoubtStore,
  EventStore,
  HoldStore,
  IdempotencyStore,
  JournalStore,
  LaneStateStore,
  OperationStore,
  PurchaseStore,
  RecordStore,
  RefundStore,
} from '#persistence';

/** One of each store; they keep no state of their own. */
export const openStores = () => ({
  operations: new OperationStore(),
  backlog: new BacklogStore(),
  balances: new BalanceStore(),
  laneStates: new LaneStateStore(),
  idempotency: new IdempotencyStore(),
  connections: new ConnectionStore(),
  customers: new CustomerStore(),
  purchases: new PurchaseStore(),
  refunds: new RefundStore(),
  holds: new HoldStore(),
  doubts: new DoubtStore(),
  records: new RecordStore(),
  events: new EventStore(),
  journal: new JournalStore(),
});
