import { startSandbox } from './sandbox.js';

const { SANDBOX_PORT = '3001', HOST = '127.0.0.1' } = process.env;
const port = Number(SANDBOX_PORT);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`SANDBOX_PORT must be a port number, and is "${SANDBOX_PORT}".`);
  process.exit(1);
}

// The gateway's database outlives this process: an id that stood for one sale must not come back for another.
const YEAR = Date.UTC(2026, 0);
const firstNumber = () => Math.floor((Date.now() - YEAR) / 100);

const sandbox = await startSandbox({ port, host: HOST, firstNumber });
console.log(`Sandbox at ${sandbox.url}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.close());
