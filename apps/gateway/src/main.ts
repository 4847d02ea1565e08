import { setTimeout as pause } from 'node:timers/promises';
import { createCore } from '#outbound';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { bootstrap } from './bootstrap/bootstrap.js';
import { createGateway } from './gateway.js';
import { Connections } from './http/connections.js';
import { logOf } from './log.js';
import { watchEventLoop } from './event-loop-watch.js';
import { readSettings } from './settings.js';
import type { Settings } from './settings.js';
import { startFault } from './start-fault.js';
import { stopOnSignal } from './stop-on-signal.js';

/** Answers carry `Connection: close` for so long before the port is shut, so that few clients meet a closed connection. */
const FAREWELL_MS = 300;
/** Then all that was asked has been answered (see `Stopping`), and what is still open says nothing, or not all. */
const PATIENCE = { silentMs: 1_000, lastMs: 7_000 };

async function run(settings: Settings): Promise<void> {
  const logger = pino({ level: settings.logLevel, base: { app: 'gateway' } });
  const open = await createCore({ ...settings, log: logOf(logger) });
  const { demoKey, firstKey } = await bootstrap(open, settings);
  if (firstKey !== undefined) showOnce(logger, firstKey);
  watchEventLoop(open.core);
  const { app, stopping } = await createGateway({ settings, open, logger, demoKey });
  const connections = new Connections(app.getHttpServer());
  const end = async () => {
    stopping.begin();
    await pause(FAREWELL_MS);
    connections.endWithin(PATIENCE);
    await app.close();
  };
  stopOnSignal(open, { end });
  await app.listen(settings.port, settings.host);
  open.core.log('info', 'the gateway takes calls', { address: await app.getUrl() });
}

// At any LOG_LEVEL: without it nobody could call the gateway.
function showOnce(logger: Logger, firstKey: string): void {
  const key = logger.child({}, { level: 'warn' });
  key.warn(`BOOTSTRAP_API_KEY is not set: the first API key, shown this once, is ${firstKey}`);
}

try {
  await run(readSettings(process.env));
} catch (error) {
  console.error(startFault(error, process.env));
  process.exit(1);
}
