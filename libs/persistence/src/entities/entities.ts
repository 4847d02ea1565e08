import { EventEntity, ProviderCallEntity } from './journal.entity.js';
import { IdempotencyKeyEntity, OperationEntity, OperationEventEntity } from './operation.entity.js';
import {
  CustomerEntity,
  CustomerRefEntity,
  HoldEntity,
  PurchaseEntity,
  RecordEntity,
  RefundEntity,
} from './resource.entity.js';
import { ApiKeyEntity, AuditEntity, ConnectionEntity, TenantEntity } from './setup.entity.js';
import { DeliveryEntity, SubscriptionEntity } from './subscription.entity.js';

/** All tables of the ORM. */
export const entities = [
  TenantEntity,
  ConnectionEntity,
  ApiKeyEntity,
  AuditEntity,
  OperationEntity,
  OperationEventEntity,
  IdempotencyKeyEntity,
  CustomerEntity,
  CustomerRefEntity,
  PurchaseEntity,
  RefundEntity,
  HoldEntity,
  RecordEntity,
  ProviderCallEntity,
  EventEntity,
  SubscriptionEntity,
  DeliveryEntity,
];
