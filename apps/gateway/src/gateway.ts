import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger as NestLogger } from 'nestjs-pino';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { typeidUnboxed } from 'typeid-js';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ConnectionResolver } from './auth/connection-resolver.js';
import { KeyRate } from './auth/key-rate.js';
import { KeyRing } from './auth/key-ring.js';
import { redirectTrailingSlash } from './console/trailing-slash.js';
import type { OpenCore } from './core.js';
import { GatewayModule } from './gateway.module.js';
import { AnswerInterceptor } from './http/answer.js';
import { BodyPipe } from './http/body.pipe.js';
import { openEdge } from './http/edge.js';
import { ProblemFilter, answerProblem, refusalOf } from './http/problem.filter.js';
import { Quotas } from './http/quotas.js';
import { logAnswers } from './http/request-log.js';
import { Unreadable } from './http/unreadable.js';
import { Metrics } from './metrics/metrics.js';
import { servePlayground } from './openapi/playground.js';
import type { Settings } from './settings.js';
import { Stopping } from './stopping.js';
import { StoresWatch } from './stores-watch.js';

/** A gateway that can be listened with, injected into, and stopped. */
export interface Gateway {
  app: NestFastifyApplication;
  stopping: Stopping;
}

/** The dependencies of the REST application. */
export interface GatewayOf {
  settings: Settings;
  open: OpenCore;
  logger: Logger;
  /** The API key prefilled in the playground. */
  demoKey?: string;
}

/** Creates the REST application on an open core. Rejects with a message if a route has no scope. */
export async function createGateway({ settings, open, logger, demoKey }: GatewayOf): Promise<Gateway> {
  const unreadable = new Unreadable();
  const adapter = new FastifyAdapter(serverOptions(unreadable));
  const stopping = new Stopping();
  const keys = new KeyRing(open);
  const connections = new ConnectionResolver(open.core);
  const stores = new StoresWatch(open.core);
  const metrics = new Metrics(open.core, stores);
  const rate = new KeyRate(settings.keyRateLimit);
  const instance = adapter.getInstance<FastifyInstance>();
  unreadable.watch(instance.server);
  openEdge(instance, { keys, connections, rate, quotas: new Quotas(open.core.lanes), stopping });
  metrics.watch(instance);
  logAnswers(instance, logger);
  redirectTrailingSlash(instance);
  const module = GatewayModule.of({ settings, open, keys, connections, metrics, stopping, stores, logger });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(quiet(app.get(NestLogger)));
  app.useGlobalPipes(new BodyPipe());
  app.useGlobalFilters(new ProblemFilter(open.core));
  app.useGlobalInterceptors(app.get(AnswerInterceptor));
  servePlayground(app, demoKey);
  return { app, stopping };
}

// Nest logs every route at every start, which is only useful for debugging.
function quiet(logger: NestLogger): LoggerService {
  return {
    log: (message: unknown, ...more: unknown[]) => logger.debug(message, ...more),
    warn: (message: unknown, ...more: unknown[]) => logger.warn(message, ...more),
    error: (message: unknown, ...more: unknown[]) => logger.error(message, ...more),
  };
}

function serverOptions(unreadable: Unreadable): ConstructorParameters<typeof FastifyAdapter>[0] {
  return {
    bodyLimit: 256 * 1024,
    // A trusted proxy is in our own network; from anywhere else the header may be forged.
    trustProxy: ['loopback', 'uniquelocal'],
    requestIdHeader: false,
    genReqId: requestId,
    // Limits slow requests, but not a caller that waits for a response (at most 25 s).
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => unreadable.answer(error, socket as Socket),
    // What the router refuses before any hook has run.
    frameworkErrors: (error, request, reply) => {
      void reply.header('x-request-id', request.id);
      void answerProblem(refusalOf(error), request as FastifyRequest, reply as FastifyReply);
    },
    routerOptions: { maxParamLength: 512 },
  };
}

function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : typeidUnboxed();
}
