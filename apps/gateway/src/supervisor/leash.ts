// Loaded before an app that the supervisor starts: the app stops in good order when the supervisor is gone, however it went.
const GRACE_MS = 10_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
// Listening for the end must not keep an app alive that has finished.
process.channel?.unref();
