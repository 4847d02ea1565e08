import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Refusal } from '#canonical';
import { Public } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { USUAL_WAIT_MS } from '../http/prefer.js';
import { Stopping } from '../stopping.js';
import { StoresWatch } from '../stores-watch.js';
import { Health } from './health.js';

@ApiTags('Health')
@Controller()
export class HealthController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly stopping: Stopping,
    private readonly stores: StoresWatch,
  ) {}

  @Get('healthz')
  @Public()
  @Answers('Check that the process is running', { 200: Health })
  alive(): Health {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Public()
  @Answers('Check that the process can serve requests', { 200: Health }, ['dependency-unavailable'])
  async ready(): Promise<Health> {
    const away = await this.stores.look();
    if (this.stopping.signal.aborted) throw notReady('the gateway is shutting down');
    if (away !== '') throw notReady(`${away} cannot be used`);
    const { loadShedder } = this.core;
    if (loadShedder.exceeds(USUAL_WAIT_MS)) {
      throw notReady(`it starts its work ${(loadShedder.lagMs / 1000).toFixed(1)} s late`);
    }
    return { status: 'ok' };
  }
}

const notReady = (why: string): Refusal =>
  new Refusal('dependency-unavailable', { detail: `Not ready: ${why}.` });
