import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';

import { Operation, Problem } from '#canonical';
import type { ApiDocument } from './api-operation.js';
import { complete } from './complete.js';
import { tags } from './tags.js';

const about = `One API for loyalty and referral providers.

* **200, 201, 204**: done, do not do it again.
* **202**: not settled yet, whatever its \`outcome\` says. Send the same request again with the **same** \`Idempotency-Key\`, which joins the wait, until it is settled; or read the operation at \`Location\` (scope \`operations:read\`). Never send it under a new key. An answer that did not arrive is treated in the same way.
* **4xx and 5xx**: look at \`outcome\`.
  * \`unknown\`: repeat with the **same** key, as after a 202 (after a 500 once; if it fails again, look the write up by its \`merchantReference\`).
  * \`not-executed\` and \`retryable\`: repeat with the same key, after \`Retry-After\` if there is one.
  * \`not-executed\`, not \`retryable\`: correct it or tell the cashier (\`userMessage\`), and send it anew under a **new** key: the old one may repeat the same refusal for 30 days. The \`merchantReference\` may stay.
* A table of what a till does on each answer is in the repository, in \`docs/till.md\`.
* A provider's list that grows while you read its pages may show a row twice, under the same \`id\`.
* Send \`X-Request-Id\` to find your request again, \`Accept-Language: ru\` or \`en\` for the language of \`userMessage\`.
* Within \`/v1\`, fields, values of enums, error codes and event types may be added; ignore those you do not know.
* Money is \`{"amount": "1234.56", "currency": "RUB"}\`, always with the amount as a string; ids are strings; times are UTC.`;

/** The OpenAPI document, generated from the controllers and the canonical classes. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Loyalty Gateway')
    .setVersion('1.0.0')
    .setDescription(about)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth(
      // Without a format of our own the builder says JWT.
      { type: 'http', scheme: 'bearer', bearerFormat: 'lgk_…', description: 'An API key: `lgk_…`.' },
      'key',
    );
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [Problem, Operation],
    operationIdFactory: (controller, method) =>
      `${lowerFirst(controller.replace(/Controller$/, ''))}-${method}`,
  });
  document.tags = explained(document);
  return complete(document as unknown as ApiDocument) as unknown as OpenAPIObject;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

// The tags that calls have, in the order of the table; those that providers bring stand last.
function explained({ paths }: OpenAPIObject): NonNullable<OpenAPIObject['tags']> {
  const operations = Object.values(paths).flatMap(path => Object.values(path) as { tags?: string[] }[]);
  const used = new Set(operations.flatMap(({ tags: own }) => own ?? []));
  const known = Object.keys(tags).filter(name => used.delete(name));
  return [...known, ...used].map(name => ({ name, description: tags[name] ?? ofProvider }));
}

const ofProvider = 'Calls that only this provider has. Ids in their paths are the provider’s own.';
