// The lower bound: the least code that keeps the rate limit and knows after a crash what was sent. One controller, the lane, and for a
// write the three commits "accepted", "being sent" and "answered". No keys, validation, events or log: its overhead is that of the stack.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Body, Controller, Inject, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import pg from 'pg';
import { firstValueFrom } from 'rxjs';
import { PostgresLanes } from '../../dist/libs/outbound/src/lanes/postgres-lanes.js';
import { RedisLanes } from '../../dist/libs/outbound/src/lanes/redis-lanes.js';

const { redisUrl, databaseUrl, upstream, credentials } = JSON.parse(process.argv[2]);
const BUDGET_MS = 5_000;

const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
const lanes = redisUrl ? new RedisLanes({ url: redisUrl }) : new PostgresLanes(pool);
const httpAgent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });
await pool.query('create table if not exists bare (id uuid primary key, state text not null, body jsonb)');
await lanes.begin();

const query = (name, text, values) => pool.query({ name, text, values });

class BareController {
  constructor(http) {
    this.http = http;
  }

  async read({ lane }) {
    await query('known', 'select state from bare where id = $1', [randomUUID()]);
    const options = await this.#enter(lane);
    return (await firstValueFrom(this.http.get(`${upstream}/customers/find?code=123456`, options))).data;
  }

  async write({ lane, number }) {
    const order = { code: '123456', receipt: { total: 100, cash: 100, points: 0, number } };
    await query('accepted', `insert into bare values ($1, 'queued', $2)`, [number, order]);
    const options = await this.#enter(lane);
    await query('sent', `update bare set state = 'dispatching' where id = $1 and state = 'queued'`, [number]);
    const { data } = await firstValueFrom(this.http.post(`${upstream}/operations`, order, options));
    await query('answered', `update bare set state = 'succeeded', body = $2 where id = $1`, [number, data]);
    return data;
  }

  async #enter(lane) {
    await lanes.enter({ fingerprint: `bare-${lane}`, requests: 5, perMs: 1_000 }, 'interactive', BUDGET_MS);
    return { headers: { authorization: credentials[lane] }, httpAgent };
  }
}

// Decorators applied by hand, because this file runs without a compiler.
const method = name => Object.getOwnPropertyDescriptor(BareController.prototype, name);
Inject(HttpService)(BareController, undefined, 0);
for (const name of ['read', 'write']) {
  Post(name)(BareController.prototype, name, method(name));
  Body()(BareController.prototype, name, 0);
}
Controller()(BareController);
class BareModule {}
Module({ imports: [HttpModule], controllers: [BareController] })(BareModule);

const app = await NestFactory.create(BareModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
process.on('disconnect', () => process.exit(0));
process.send({ url: await app.getUrl() });
