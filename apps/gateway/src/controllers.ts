import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { NoSuchCallController } from './compat-uds-v1/no-such-call.controller.js';
import { UdsV1Controller } from './compat-uds-v1/uds-v1.controller.js';
import { UdsgameHostController } from './compat-uds-v1/udsgame-host.controller.js';
import { ConnectionCareController } from './connections/connection-care.controller.js';
import { ConnectionsController } from './connections/connections.controller.js';
import { ConsentPageController } from './consent-page/consent-page.controller.js';
import { ConsoleController } from './console/console.controller.js';
import { CustomersController } from './customers/customers.controller.js';
import { extensionControllers } from './extensions/extension-controllers.js';
import { FrontController } from './front/front.controller.js';
import { HealthController } from './health/health.controller.js';
import { HoldsController } from './holds/holds.controller.js';
import { LanesController } from './lanes/lanes.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { OperationsController } from './operations/operations.controller.js';
import { ProblemsController } from './problems/problems.controller.js';
import { ProgramController } from './program/program.controller.js';
import { ProvidersController } from './providers/providers.controller.js';
import { ProviderCallsController } from './provider-calls/provider-calls.controller.js';
import { PurchasesController } from './purchases/purchases.controller.js';
import { QuotesController } from './quotes/quotes.controller.js';
import { ReferralReadsController } from './referral/referral-reads.controller.js';
import { ReferralWritesController } from './referral/referral-writes.controller.js';
import { RefundsController } from './refunds/refunds.controller.js';
import { AsyncApiController } from './subscriptions/async-api.controller.js';
import { DeliveriesController } from './subscriptions/deliveries.controller.js';
import { SubscriptionsController } from './subscriptions/subscriptions.controller.js';
import { TenantsController } from './tenants/tenants.controller.js';

/** Every controller of the gateway: a new one is a folder and a line here. */
export const controllers = [
  FrontController,
  HealthController,
  MetricsController,
  ProblemsController,
  ProvidersController,
  ConnectionsController,
  ConnectionCareController,
  ApiKeysController,
  TenantsController,
  AuditController,
  ProgramController,
  CustomersController,
  QuotesController,
  HoldsController,
  PurchasesController,
  RefundsController,
  ReferralReadsController,
  ReferralWritesController,
  OperationsController,
  SubscriptionsController,
  DeliveriesController,
  AsyncApiController,
  LanesController,
  ProviderCallsController,
  ConsentPageController,
  ConsoleController,
  UdsV1Controller,
  UdsgameHostController,
  NoSuchCallController,
  ...extensionControllers(),
];
