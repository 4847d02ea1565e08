// Preloaded into each app: the app shuts down cleanly when the supervisor is gone, even after kill -9.
const GRACE_MS = 10_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
// The listener must not keep a finished app alive.
process.channel?.unref();
