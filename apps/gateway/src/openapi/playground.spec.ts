import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlayground } from './playground.js';

@Module({})
class NoRoutes {}

const KEY = 'lgk_of-the-demo';

describe('the playground with a demo key', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(NoRoutes, new FastifyAdapter(), { logger: false });
    servePlayground(app, KEY);
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(() => app.close());

  const script = (host: string, headers: object = {}) =>
    app.inject({ url: '/docs/swagger-ui-init.js', headers: { host, ...headers } });

  it.each(['localhost:3000', 'LOCALHOST', '127.0.0.1:3000', '[::1]:3000'])(
    'fills the key in at %s',
    async host => {
      expect((await script(host)).body).toContain(KEY);
    },
  );

  it.each(['evil.example', '127.0.0.1.evil.example:3000', 'localhost.evil.example', '192.168.1.5:3000'])(
    'is served without the key at %s, where another site could read it',
    async host => {
      const told = await script(host, { 'x-forwarded-host': 'localhost' });
      expect([told.statusCode, told.body.includes(KEY)]).toEqual([200, false]);
    },
  );

  it.each(['/docs', '/docs/swagger-ui-init.js', '/docs/swagger-ui.css'])(
    'cannot be included or framed by other sites: %s',
    async url => {
      const { statusCode, headers } = await app.inject({ url });
      expect([statusCode, headers['cross-origin-resource-policy'], headers['x-frame-options']]).toEqual([
        200,
        'same-origin',
        'DENY',
      ]);
    },
  );
});
