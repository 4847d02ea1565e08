import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Refusal } from '#canonical';
import { Public } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { Stopping } from '../stopping.js';
import { Health } from './health.js';

const PATIENCE_MS = 2_000;

@ApiTags('Health')
@Controller()
export class HealthController {
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
      missing('Postgres', this.core.database.ping()),
      missing('the queue store', this.core.jobs.ping()),
    ]);
    const away = parts.filter(name => name !== undefined);
    if (this.stopping.signal.aborted) away.push('the process, which is being stopped');
    if (away.length === 0) return { status: 'ok' };
    throw new Refusal('dependency-unavailable', {
      detail: `Not ready: ${away.join(' and ')} cannot be used.`,
      retryAfterSeconds: 2,
    });
  }
}

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
