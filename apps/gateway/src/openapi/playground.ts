import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { describeApi } from './describe.js';
import { playgroundCss } from './playground.css.js';

/** Serves `/openapi.json` and the playground at `/docs`, with nothing from elsewhere; a demo key is filled in on this machine. */
export function servePlayground(app: NestFastifyApplication, demoKey?: string): void {
  protect(app.getHttpAdapter().getInstance() as unknown as FastifyInstance, demoKey);
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
    },
  });
}

// The script with the demo key is not for other sites: they may not include it, and whoever has bound a name of his own to
// this machine's address (DNS rebinding) gets it without the key.
function protect(instance: FastifyInstance, demoKey: string | undefined): void {
  instance.addHook('onSend', async ({ routeOptions: { url = '' }, headers }, reply, payload) => {
    if (!/^\/docs($|\/)/.test(url)) return payload;
    void reply.header('cross-origin-resource-policy', 'same-origin').header('x-frame-options', 'DENY');
    const filled = demoKey !== undefined && url.endsWith('/swagger-ui-init.js') && isLocal(headers.host);
    return filled ? `${payload as string}\n${signIn(demoKey)}` : payload;
  });
}

const isLocal = (host = ''): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);

// Runs after the page's own `window.onload`, which makes `ui`.
function signIn(demoKey: string): string {
  const key = { name: 'key', schema: { type: 'http', scheme: 'bearer' }, value: demoKey };
  return `addEventListener('load', () => ui.authActions.authorize(${JSON.stringify({ key })}));`;
}
