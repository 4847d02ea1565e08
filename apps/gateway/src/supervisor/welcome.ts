import { existsSync } from 'node:fs';
import { demoKeyFile } from '../demo-key-file.js';
import { addressOf } from './ports.js';
import type { StartPlan } from './start-plan.js';

// The canonical example with a sandbox customer; a test compares the two. Importing it would load all of canonical into
// a process that only starts others.
const FIRST_PURCHASE = {
  identifier: { type: 'phone', value: '+79031234567' },
  merchantReference: 'first-purchase',
  receipt: { total: { amount: '1000.00', currency: 'RUB' } },
};

/** The text shown when everything runs: the addresses, the first key once, and a call to try. */
export function welcome(plan: StartPlan, url: string, firstKey?: string): string {
  const lines = [
    '',
    'The gateway is ready.',
    '',
    `  Playground  ${url}/docs`,
    `  Console     ${url}/console`,
  ];
  if (plan.sandboxPort) lines.push(`  Sandbox     ${addressOf(plan.host, plan.sandboxPort)}`);
  lines.push(`  Data        ${plan.dataDir}`);
  if (firstKey) lines.push('', '  The first API key, shown this once:', `  ${firstKey}`);
  // The gateway writes the demo's key if it created the demo; the file outlives the sandbox.
  const demoKey = demoKeyFile(plan.dataDir);
  if (plan.sandboxPort && existsSync(demoKey))
    lines.push('', '  A first purchase:', '', firstPurchase(url, demoKey));
  return [...lines, '', '  Ctrl-C stops everything.', ''].join('\n');
}

function firstPurchase(url: string, file: string): string {
  return [
    `  curl -i ${url}/v1/purchases \\`,
    `    -H "Authorization: Bearer $(cat '${file}')" -H 'Gateway-Connection: uds' \\`,
    `    -H 'Idempotency-Key: first-purchase-0001' -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(FIRST_PURCHASE)}'`,
  ].join('\n');
}
