import { AuditController } from './audit/audit.controller.js';
import { HealthController } from './health/health.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';

/** Every controller of the gateway: a new one is a folder and a line here. */
export const controllers = [HealthController, MetricsController, AuditController];
