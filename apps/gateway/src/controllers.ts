import { AuditController } from './audit/audit.controller.js';
import { HealthController } from './health/health.controller.js';
import { HoldsController } from './holds/holds.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { OperationsController } from './operations/operations.controller.js';
import { ProgramController } from './program/program.controller.js';
import { PurchasesController } from './purchases/purchases.controller.js';
import { QuotesController } from './quotes/quotes.controller.js';
import { RefundsController } from './refunds/refunds.controller.js';

/** Every controller of the gateway: a new one is a folder and a line here. */
export const controllers = [
  HealthController,
  MetricsController,
  AuditController,
  ProgramController,
  QuotesController,
  HoldsController,
  PurchasesController,
  RefundsController,
  OperationsController,
];
