// A process of the built gateway that the crash tests end: `api` takes writes in as the REST face does, `rest` is that
// face, `worker` runs the workers. Started with --conditions=crash-test; what it is to do stands in CHAOS.
import {
  connectionById,
  createCore,
  purchaseKind,
  read,
  reconcile,
  refundKind,
  startWorkers,
  submit,
} from '#outbound';
import { pino } from 'pino';

const { role, settings, connectionId, writes = [], probe, headStart } = JSON.parse(process.env.CHAOS);
const kinds = { purchase: purchaseKind, refund: refundKind };
const open = await createCore({
  ...settings,
  masterKey: Buffer.from(settings.masterKey, 'base64'),
  log: () => undefined,
});
const { core, queues } = open;
const tell = what => process.stdout.write(`${JSON.stringify(what)}\n`);

if (role === 'worker') runWorker();
else if (role === 'rest') await runRest();
else await runApi();

function runWorker() {
  const workers = startWorkers(core, queues);
  tell({ ready: true });
  process.once('SIGTERM', async () => {
    await workers.close();
    await core.background.drain(2_000);
    await open.close();
  });
}

/** The whole REST face, on a free port. */
async function runRest() {
  // Built, as a process of it is.
  const built = new URL('../../dist/apps/gateway/src/gateway.js', import.meta.url);
  const { createGateway } = await import(built.href);
  const rest = { port: 0, host: '127.0.0.1', dataDir: '/nowhere', keyRateLimit: 100_000 };
  const { app } = await createGateway({
    settings: { ...settings, ...rest },
    open,
    logger: pino({ level: 'silent' }),
  });
  await app.listen(0, '127.0.0.1');
  tell({ ready: true, url: await app.getUrl() });
}

async function runApi() {
  const connection = await connectionById(core, core.database.direct, connectionId);
  // From then on a sale's first request is the one with the effect.
  if (headStart) await read(core, connection, 'getProgram', {}, { waitMs: 5_000 });
  tell({ ready: true });
  await Promise.all(writes.map(write => send(connection, write)));
  await core.background.drain(10_000);
  await open.close();
}

async function send(connection, { kind, body, params = {}, key, waitMs }) {
  const { status, operationId } = await submit(core, {
    kind: kinds[kind],
    connection,
    body,
    params,
    idempotencyKey: key,
    waitMs,
  });
  tell({ acknowledged: key, status });
  if (!probe || status !== 202) return;
  // An attempt that goes on after the caller's wait would still have the row.
  await core.background.drain(10_000);
  // As `POST /v1/operations/{id}/reconcile` does: the one way in which this process looks for a lost answer.
  await reconcile(core, operationId);
}
