import type { ApiDocument } from './api-operation.js';

/** Writes each refusal once: most calls have the same ones, and written out they would be two thirds of the document. */
export function shareProblems({ paths, components }: ApiDocument): void {
  const shared = new Map<string, string>();
  const count = new Map<string, number>();
  components.responses = {};
  for (const { responses } of Object.values(paths).flatMap(methods => Object.values(methods))) {
    for (const [status, response] of Object.entries(responses)) {
      if (!response.content || !('application/problem+json' in response.content)) continue;
      const text = JSON.stringify([status, response]);
      if (!shared.has(text)) {
        const number = (count.get(status) ?? 0) + 1;
        count.set(status, number);
        const name = `problem-${status}-${number}`;
        shared.set(text, name);
        components.responses[name] = response;
      }
      responses[status] = { $ref: `#/components/responses/${shared.get(text)}` };
    }
  }
}
