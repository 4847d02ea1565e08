// The obvious design: a controller adds a BullMQ job, a worker with BullMQ's limiter makes the call, and the request waits
// with waitUntilFinished. The limiter belongs to a queue, so each credential has its own queue, worker and listener.
import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Body, Controller, Inject, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
// oxlint-disable-next-line no-restricted-imports -- this measures what the gateway must not do
import { Queue, QueueEvents, Worker } from 'bullmq';
import { firstValueFrom } from 'rxjs';

const { redisUrl, upstream, credentials } = JSON.parse(process.argv[2]);
const connection = { url: redisUrl };

class NaiveController {
  constructor(http) {
    this.lanes = credentials.map((authorization, lane) => {
      const name = `naive-${lane}`;
      const process = ({ name: kind, data }) => this.call(http, kind, data, authorization);
      new Worker(name, process, { connection, concurrency: 10, limiter: { max: 5, duration: 1_000 } }).on(
        'error',
        () => undefined,
      );
      return { queue: new Queue(name, { connection }), events: new QueueEvents(name, { connection }) };
    });
  }

  async call(http, kind, { number }, authorization) {
    const headers = { authorization };
    const order = { code: '123456', receipt: { total: 100, cash: 100, points: 0, number } };
    const response =
      kind === 'read'
        ? http.get(`${upstream}/customers/find?code=123456`, { headers })
        : http.post(`${upstream}/operations`, order, { headers });
    return (await firstValueFrom(response)).data;
  }

  read(body) {
    return this.#through('read', body);
  }

  write(body) {
    return this.#through('write', body);
  }

  async #through(kind, { lane, number }) {
    const { queue, events } = this.lanes[lane];
    const job = await queue.add(kind, { number }, { removeOnComplete: 1_000 });
    // oxlint-disable-next-line no-restricted-properties -- as above
    return job.waitUntilFinished(events, 30_000);
  }
}

// Decorators applied by hand, because this file runs without a compiler.
const method = name => Object.getOwnPropertyDescriptor(NaiveController.prototype, name);
Inject(HttpService)(NaiveController, undefined, 0);
for (const name of ['read', 'write']) {
  Post(name)(NaiveController.prototype, name, method(name));
  Body()(NaiveController.prototype, name, 0);
}
Controller()(NaiveController);
class NaiveModule {}
Module({ imports: [HttpModule], controllers: [NaiveController] })(NaiveModule);

const app = await NestFactory.create(NaiveModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
process.on('disconnect', () => process.exit(0));
process.send({ url: await app.getUrl() });
