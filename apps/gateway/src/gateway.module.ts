import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { ConnectionResolver } from './auth/connection-resolver.js';
import { ConnectionPipe } from './auth/current-connection.js';
import { KeyRing } from './auth/key-ring.js';
import { controllers } from './controllers.js';
import { CORE, OPEN_CORE } from './core.js';
import type { OpenCore } from './core.js';
import { ProviderConnectionPipe } from './extensions/provider-connection.js';
import { AnswerInterceptor } from './http/answer.js';
import { Cursors } from './http/cursors.js';
import { IdempotentAnswers } from './http/idempotent-answers.js';
import { ProviderLists } from './http/provider-lists.js';
import { TenantLanes } from './lanes/tenant-lanes.js';
import { Metrics } from './metrics/metrics.js';
import { SETTINGS } from './settings-token.js';
import type { Settings } from './settings.js';
import { Stopping } from './stopping.js';
import { StoresWatch } from './stores-watch.js';

/** What the gateway is put together from; opened before, closed after it. */
export interface GatewayParts {
  settings: Settings;
  open: OpenCore;
  keys: KeyRing;
  connections: ConnectionResolver;
  metrics: Metrics;
  stopping: Stopping;
  stores: StoresWatch;
  logger: Logger;
}

/** The REST face. */
@Module({})
export class GatewayModule {
  static of({
    settings,
    open,
    keys,
    connections,
    metrics,
    stopping,
    stores,
    logger,
  }: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      // Answers are logged at the edge, where also those are seen that no route has given.
      imports: [LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false }, forRoutes: [] })],
      controllers,
      providers: [
        { provide: CORE, useValue: open.core },
        { provide: OPEN_CORE, useValue: open },
        { provide: SETTINGS, useValue: settings },
        { provide: KeyRing, useValue: keys },
        { provide: ConnectionResolver, useValue: connections },
        { provide: Metrics, useValue: metrics },
        { provide: Stopping, useValue: stopping },
        { provide: StoresWatch, useValue: stores },
        AnswerInterceptor,
        ConnectionPipe,
        Cursors,
        ProviderLists,
        TenantLanes,
        ProviderConnectionPipe,
        IdempotentAnswers,
      ],
    };
  }
}
