import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeEvents } from '#events';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { GatewayModule } from './gateway.module.js';
import type { GatewayParts } from './gateway.module.js';
import { capabilitiesDocument } from './openapi/capabilities-document.js';
import { describeApi } from './openapi/describe.js';
import { errorsDocument } from './openapi/errors-document.js';

// dist/apps/gateway/src, seen from the root
const docs = join(import.meta.dirname, '../../../../docs');

// In a preview Nest builds no provider and no controller, so that nothing has to be opened.
const parts = { logger: pino({ level: 'silent' }), open: {} } as unknown as GatewayParts;
const app = await NestFactory.create(GatewayModule.of(parts), new FastifyAdapter(), {
  preview: true,
  logger: false,
});

const documents: Record<string, string> = {
  'openapi.json': `${JSON.stringify(describeApi(app), null, 2)}\n`,
  'asyncapi.json': `${JSON.stringify(describeEvents(), null, 2)}\n`,
  'errors.md': errorsDocument(),
  'capabilities.md': capabilitiesDocument(),
};

await mkdir(docs, { recursive: true });
for (const [name, text] of Object.entries(documents)) await writeFile(join(docs, name), text);
await app.close();
