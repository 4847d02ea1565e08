export { CannotStart } from './cannot-start.js';
export { CLUSTER_RECORD } from './cluster.js';
export { startEmbeddedPostgres } from './embedded-postgres.js';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded-postgres.js';
export { toldIfFull } from './full-disk.js';
export { freePort } from './free-port.js';
export { spawnLeashed } from './leashed.js';
export { describeProcess } from './processes.js';
