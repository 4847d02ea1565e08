import { createCore } from '#outbound';
import { startEventWorkers } from '../workers.js';

// A worker process for tests to kill: `node worker-process.js <settings as JSON>`; prints `ready` once it delivers.
const { masterKey, events, ...rest } = JSON.parse(process.argv[2]!);
const log = () => undefined;
const open = await createCore({ ...rest, masterKey: Buffer.from(masterKey, 'base64'), log });
const workers = await startEventWorkers(open, rest.databaseUrl, events);
process.once('SIGTERM', () => void workers.close().then(() => open.close()));
process.stdout.write('ready');
