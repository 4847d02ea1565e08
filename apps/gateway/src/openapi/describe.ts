import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Operation, Problem } from '#canonical';
import type { ApiDocument } from './api-operation.js';
import { complete } from './complete.js';
import { tags } from './tags.js';

const about = `One API for loyalty and referral providers.

* **2xx**: do not do it again. **4xx**: fix it, or tell the cashier (\`userMessage\`). **5xx** with \`retryable\`: repeat with the same \`Idempotency-Key\`.
* **202** means that the outcome is still open: read the operation at \`Location\`.
* Send \`X-Request-Id\` to find your request again, \`Accept-Language: ru\` or \`en\` for the language of \`userMessage\`.
* Money is \`{"amount": "1234.56", "currency": "RUB"}\`, always with the amount as a string; ids are strings; times are UTC.`;

/** What the gateway says of itself: OpenAPI, made of the controllers and the canonical classes. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Loyalty Gateway')
    .setVersion('1.0.0')
    .setDescription(about)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: `lgk_…`.' }, 'key');
  for (const [name, description] of Object.entries(tags)) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [Problem, Operation],
    operationIdFactory: (controller, method) =>
      `${lowerFirst(controller.replace(/Controller$/, ''))}-${method}`,
  });
  const used = new Set(
    Object.values(document.paths).flatMap(path => Object.values(path).flatMap(one => one.tags ?? [])),
  );
  document.tags = document.tags?.filter(({ name }) => used.has(name));
  return complete(document as unknown as ApiDocument) as unknown as OpenAPIObject;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
