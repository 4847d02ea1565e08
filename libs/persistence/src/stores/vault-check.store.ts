import type { Tx } from '../database.js';
import { SealBroken } from '../vault.js';
import type { Vault } from '../vault.js';

/** The database belongs to another master key; the message tells the operator what to do. */
export class WrongMasterKey extends Error {
  constructor() {
    super(
      'MASTER_KEY is not the key that this database was sealed with: start with the old MASTER_KEY, or with an empty database.',
    );
  }
}

/** Checks at start that the database was sealed with this master key. */
export class VaultCheckStore {
  /** Throws `WrongMasterKey` when the database belongs to another master key. */
  async verify(tx: Tx, vault: Vault): Promise<void> {
    await tx.query(`insert into vault_check (id, sealed) values (1, $1) on conflict do nothing`, [
      vault.seal('check', 'vault', 'sealed'),
    ]);
    const [row] = await tx.query(`select sealed from vault_check where id = 1`);
    try {
      vault.open('check', 'vault', row.sealed);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      throw new WrongMasterKey();
    }
  }
}
