import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { Public } from '../auth/scopes.js';
import { Metrics } from './metrics.js';
import { METRICS_TYPE } from './process-metrics.js';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Public()
  @ApiExcludeEndpoint()
  @Header('content-type', METRICS_TYPE)
  read(): Promise<string> {
    return this.metrics.read();
  }
}
