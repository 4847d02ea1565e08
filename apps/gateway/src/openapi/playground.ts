import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import { describeApi } from './describe.js';
import { playgroundCss } from './playground.css.js';

/** Serves `/openapi.json` and the playground at `/docs`, with nothing from elsewhere; a demo key is filled in. */
export function servePlayground(app: INestApplication, demoKey?: string): void {
  const schema = { type: 'http', scheme: 'bearer' };
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Loyalty Gateway',
    customCss: playgroundCss,
    swaggerOptions: {
      tryItOutEnabled: true,
      displayRequestDuration: true,
      docExpansion: 'none',
      validatorUrl: null,
      ...(demoKey !== undefined && { authAction: { key: { name: 'key', schema, value: demoKey } } }),
    },
  });
}
