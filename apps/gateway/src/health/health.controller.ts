import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Refusal } from '#canonical';
import { Public } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { USUAL_WAIT_MS } from '../http/prefer.js';
import { Stopping } from '../stopping.js';
import { Health } from './health.js';

const PATIENCE_MS = 2_000;

@ApiTags('Health')
@Controller()
export class HealthController {
  #away = '';

  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly stopping: Stopping,
  ) {}

  @Get('healthz')
  @Public()
  @Answers('The process runs', { 200: Health })
  alive(): Health {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Public()
  @Answers('The process can serve', { 200: Health }, ['dependency-unavailable'])
  async ready(): Promise<Health> {
    const parts = await Promise.all([
      missing('Postgres (DATABASE_URL)', this.core.database.ping()),
      missing('Redis (REDIS_URL)', this.core.jobs.ping()),
    ]);
    const away = parts.filter(name => name !== undefined).join(' and ');
    this.#note(away);
    if (this.stopping.signal.aborted) throw notReady('the gateway is being stopped');
    if (away !== '') throw notReady(`${away} cannot be used`);
    const { lateness } = this.core;
    if (lateness.exceeds(USUAL_WAIT_MS)) {
      throw notReady(`it comes to its work ${(lateness.ms / 1000).toFixed(1)} s late`);
    }
    return { status: 'ok' };
  }

  // Asked for every few seconds: what changes is told, once.
  #note(away: string): void {
    if (away === this.#away) return;
    this.#away = away;
    if (away === '') this.core.log('info', 'ready again');
    else this.core.log('error', `not ready: ${away} cannot be used`);
  }
}

const notReady = (why: string): Refusal =>
  new Refusal('dependency-unavailable', { detail: `Not ready: ${why}.`, retryAfterSeconds: 2 });

async function missing(name: string, answer: Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve(name), PATIENCE_MS);
  });
  const asked = answer.then(
    () => undefined,
    () => name,
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
