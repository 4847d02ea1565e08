import { randomUUID } from 'node:crypto';
import { chmodSync, rmSync, statSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { elsewhere } from './elsewhere.js';

it("opens its directory to the server's user where a umask like 077 closed it", () => {
  const key = randomUUID();
  const place = elsewhere('spec', key);
  onTestFinished(() => rmSync(place, { recursive: true }));
  // As mkdir leaves it under that umask; a worker thread cannot set one.
  chmodSync(place, 0o700);

  expect(elsewhere('spec', key)).toBe(place);
  expect(statSync(place).mode & 0o777).toBe(0o755);
});
