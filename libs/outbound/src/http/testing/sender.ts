import { create } from 'axios';
import type { LookupAddress } from 'node:dns';
import { createEgressGuard } from '../egress-guard.js';
import type { Resolve } from '../egress-guard.js';
import { createSender } from '../send.js';
import type { Sender } from '../send.js';
import type { OutgoingRequest } from '../sent.js';

/** A sender for the servers of a test: this machine is allowed, every name leads to it unless told. */
export function testSender(
  parts: { resolve?: Resolve; ca?: string; connectTimeoutMs?: number } = {},
): Sender {
  const guard = createEgressGuard({
    allow: ['127.0.0.0/8'],
    resolve: parts.resolve ?? (async () => LOOPBACK),
  });
  return createSender({ guard, axios: create(), ca: parts.ca, connectTimeoutMs: parts.connectTimeoutMs });
}

/** The address of this machine, as a resolver gives it. */
export const LOOPBACK: LookupAddress[] = [{ address: '127.0.0.1', family: 4 }];

/** A GET with a deadline that no healthy test reaches. */
export const get = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 20_000,
  ...more,
});
