import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StartPlan } from './start-plan.js';

/** What a person sees when everything runs. */
export function welcome(plan: StartPlan, url: string, firstKey?: string): string {
  const demoKey = join(plan.dataDir, 'demo-key');
  const lines = [
    '',
    `The gateway is ready.`,
    '',
    `  Playground  ${url}/docs`,
    `  Console     ${url}/console`,
  ];
  if (plan.sandboxPort) lines.push(`  Sandbox     http://127.0.0.1:${plan.sandboxPort}`);
  lines.push(`  Data        ${plan.dataDir}`);
  if (firstKey) lines.push('', `  The first API key, shown this once:`, `  ${firstKey}`);
  if (existsSync(demoKey)) lines.push('', '  A first purchase:', '', firstPurchase(url, demoKey));
  return [...lines, '', '  Ctrl-C stops everything.', ''].join('\n');
}

function firstPurchase(url: string, demoKey: string): string {
  const body = {
    identifier: { type: 'code', value: '123456' },
    merchantReference: 'first-purchase',
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  return [
    `  curl ${url}/v1/purchases \\`,
    `    -H "Authorization: Bearer $(cat '${demoKey}')" \\`,
    `    -H 'Gateway-Connection: uds' -H 'Idempotency-Key: first-purchase-0001' \\`,
    `    -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`,
  ].join('\n');
}
