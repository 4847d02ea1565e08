import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { canReach, give, runAs, type Account } from './account.js';
import { CannotStart } from './cannot-start.js';
import { elsewhere, nameElsewhere } from './elsewhere.js';
import { initdbFault } from './full-disk.js';

/** Where a database's files are and what opens it. */
export interface Cluster {
  dataPath: string;
  password: string;
}

/** The settings to create or open a cluster. */
export interface ClusterHome {
  dataDir: string;
  account: Account;
  binaries: string;
  /** False for throw-away clusters: their files are not forced to the disk. */
  durable: boolean;
  log: (line: string) => void;
}

/** The file in a data directory that says where its database is; readable by its owner alone. */
export const CLUSTER_RECORD = 'postgres.json';
const NAME = 'postgres';

/** What that file says. */
interface ClusterRecord {
  password: string;
  /** Where programs of the same machine find the database; renewed at each start, since the directory may be moved or copied. */
  dataPath?: string;
}

/** Opens the data directory's cluster, or makes it. Throws CannotStart when its files are missing. */
export function openCluster(home: ClusterHome): Cluster {
  const file = join(home.dataDir, CLUSTER_RECORD);
  const record = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ClusterRecord) : undefined;
  if (record?.dataPath) {
    const { password } = record;
    const dataPath = recordedPath(record.dataPath, home.dataDir);
    if (dataPath !== record.dataPath) keep(file, { password, dataPath });
    return { dataPath, password };
  }
  const dataPath = join(placeFor(home), NAME);
  const password = record?.password ?? firstPassword(dataPath, file);
  // The password is kept before it is used, and the path once it holds a database: a start that is cut short at any
  // point is carried on by the next one.
  keep(file, { password });
  if (!existsSync(dataPath)) createCluster(dataPath, password, home);
  keep(file, { password, dataPath });
  return { dataPath, password };
}

function recordedPath(recorded: string, dataDir: string): string {
  const inside = join(dataDir, NAME);
  const dataPath = existsSync(inside) ? inside : recorded;
  if (!existsSync(dataPath)) {
    throw new CannotStart(
      `The database at ${dataPath} is gone: put it back, or remove ${join(dataDir, CLUSTER_RECORD)} to begin with an empty one.`,
    );
  }
  // Two directories on one database would stop each other's server.
  if (dataPath !== inside && basename(dirname(dataPath)) !== nameElsewhere('data', dataDir)) {
    throw new CannotStart(
      `The database at ${dataPath} belongs to the directory that ${dataDir} was copied or moved from: move it back there, or set DATA_DIR to another directory.`,
    );
  }
  return dataPath;
}

function firstPassword(dataPath: string, file: string): string {
  // With another password it would never open again.
  if (existsSync(dataPath)) {
    throw new CannotStart(
      `${file}, which holds the password of the database at ${dataPath}, is gone: put it back, or move the database away to begin with an empty one.`,
    );
  }
  return randomBytes(24).toString('base64url');
}

function keep(file: string, record: ClusterRecord): void {
  const scratch = `${file}.${process.pid}`;
  writeFileSync(scratch, JSON.stringify(record), { mode: 0o600 });
  renameSync(scratch, file);
}

function placeFor({ dataDir, account, log }: ClusterHome): string {
  if (canReach(dataDir, account)) return dataDir;
  const place = elsewhere('data', dataDir);
  log(`PostgreSQL's own user cannot enter ${dataDir}; its files are kept in ${place}.`);
  return place;
}

function createCluster(
  dataPath: string,
  password: string,
  { account, binaries, durable }: ClusterHome,
): void {
  const scratch = `${dataPath}.new`;
  const passwordFile = `${dataPath}.password`;
  rmSync(scratch, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  mkdirSync(scratch, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  give(scratch, account);
  give(passwordFile, account);
  const words = ['-D', scratch, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  // Built in: the order of texts does not change with the machine's own locales.
  words.push('--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
  if (!durable) words.push('--no-sync');
  const { ok, output } = runAs(account, join(binaries, 'bin/initdb'), words);
  rmSync(passwordFile, { force: true });
  if (!ok) throw initdbFault(output, dataPath);
  renameSync(scratch, dataPath);
}
