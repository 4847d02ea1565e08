import { randomBytes } from 'node:crypto';
import type { Tx } from '../database.js';
import { SealBroken, Vault } from '../vault.js';

/** The database belongs to another master key; the message tells the operator what to do. */
export class WrongMasterKey extends Error {
  constructor() {
    super(
      'MASTER_KEY is not the key that this database was sealed with: start with the one that it was sealed with last. To replace that one, set MASTER_KEY_PREVIOUS to it.',
    );
  }
}

/** The settings that a root key is sealed with, 32 bytes each. */
export interface MasterKeys {
  masterKey: Buffer;
  /** What `masterKey` replaces. */
  previousMasterKey?: Buffer;
}

/** A root key, and whether another master key sealed it until now. */
export interface OpenedRootKey {
  rootKey: Buffer;
  resealed: boolean;
}

/** The key that all keys of a database are derived from: random, made once, and stored sealed with MASTER_KEY, which can therefore be replaced. */
export class RootKeyStore {
  /** Opens the root key, and makes it where the database has none. What the previous master key sealed is sealed with the new one from now on. Throws `WrongMasterKey`. */
  async open(tx: Tx, { masterKey, previousMasterKey }: MasterKeys): Promise<OpenedRootKey> {
    const sealed = await this.#sealed(tx, masterKey);
    const rootKey = opened(masterKey, sealed);
    if (rootKey) return { rootKey, resealed: false };
    const replaced = previousMasterKey && opened(previousMasterKey, sealed);
    if (!replaced) throw new WrongMasterKey();
    const resealed = [seal(masterKey, replaced), sealed];
    await tx.query(`update root_key set sealed = $1 where id = 1 and sealed = $2`, resealed);
    return { rootKey: replaced, resealed: true };
  }

  async #sealed(tx: Tx, masterKey: Buffer): Promise<Buffer> {
    const read = `select sealed from root_key where id = 1`;
    const [row] = await tx.query(read);
    if (row) return row.sealed;
    const made = [seal(masterKey, randomBytes(32))];
    await tx.query(`insert into root_key (id, sealed) values (1, $1) on conflict do nothing`, made);
    // Another process may have been first.
    return (await tx.query(read))[0].sealed;
  }
}

const PURPOSE = 'root-key';
const OWNER = 'database';

const seal = (masterKey: Buffer, rootKey: Buffer): Buffer =>
  new Vault(masterKey).seal(PURPOSE, OWNER, rootKey.toString('base64'));

function opened(masterKey: Buffer, sealed: Buffer): Buffer | undefined {
  const vault = new Vault(masterKey);
  const key = unlessBroken(() => vault.open<string>(PURPOSE, OWNER, sealed));
  if (key !== undefined) return Buffer.from(key, 'base64');
  // A database of before it had a root key: everything was derived from its master key.
  return unlessBroken(() => vault.open<string>('check', 'vault', sealed)) === undefined
    ? undefined
    : masterKey;
}

function unlessBroken<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}
