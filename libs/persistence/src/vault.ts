import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  randomFillSync,
} from 'node:crypto';

/** A sealed value could not be opened: another master key, another owner, or altered bytes. Nothing of it is used. */
export class SealBroken extends Error {
  constructor() {
    super('A sealed value does not open: it was altered, moved, or sealed with another key.');
    this.name = 'SealBroken';
  }
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals secret and personal data with AES-256-GCM; every seal is bound to its owner (`aad`), so that a moved ciphertext does not open. */
export class Vault {
  readonly #root: Buffer;
  readonly #keys = new Map<string, Buffer>();

  /** `rootKey`: 32 bytes (`RootKeyStore`); any other length throws. */
  constructor(rootKey: Buffer) {
    if (rootKey.length !== 32) throw new Error(`A root key has 32 bytes, this one ${rootKey.length}.`);
    this.#root = rootKey;
  }

  /** Seals for a purpose (`operation`, `idempotency`, `token` …), each with a key of its own derived from the root key. */
  seal(purpose: string, owner: string, plain: unknown): Buffer {
    return encrypt(this.#key(purpose), owner, Buffer.from(JSON.stringify(plain)));
  }

  /** Opens what `seal` made for the same purpose and owner; throws `SealBroken`. */
  open<T>(purpose: string, owner: string, sealed: Buffer): T {
    return JSON.parse(decrypt(this.#key(purpose), owner, sealed).toString()) as T;
  }

  /** A fresh data key for one connection, wrapped by a key derived from the root key. */
  newDataKey(owner: string): Buffer {
    return encrypt(this.#key('data-key'), owner, randomBytes(32));
  }

  /** Seals with a connection's own data key: destroying the wrapped key destroys all that it sealed. */
  sealWith(dataKey: Buffer, owner: string, plain: unknown): Buffer {
    return encrypt(decrypt(this.#key('data-key'), owner, dataKey), owner, Buffer.from(JSON.stringify(plain)));
  }

  /** Opens what `sealWith` made; throws `SealBroken`. */
  openWith<T>(dataKey: Buffer, owner: string, sealed: Buffer): T {
    return JSON.parse(decrypt(decrypt(this.#key('data-key'), owner, dataKey), owner, sealed).toString()) as T;
  }

  /** A keyed fingerprint (64 hex digits): equal texts can be compared without being stored. */
  fingerprint(purpose: string, text: string): string {
    return createHmac('sha256', this.#key(`fingerprint:${purpose}`))
      .update(text)
      .digest('hex');
  }

  #key(purpose: string): Buffer {
    let key = this.#keys.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.#root, 'loyalty-gateway', purpose, 32));
      this.#keys.set(purpose, key);
    }
    return key;
  }
}

// Drawn for 256 seals at once: a draw for each would add a fifth to its cost.
const nonces = Buffer.alloc(256 * IV_BYTES);
let used = nonces.length;

/** Random bytes that no other seal gets; valid until the next call. */
function freshNonce(): Buffer {
  if (used === nonces.length) {
    randomFillSync(nonces);
    used = 0;
  }
  return nonces.subarray(used, (used += IV_BYTES));
}

function encrypt(key: Buffer, owner: string, plain: Buffer): Buffer {
  const iv = freshNonce();
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(owner));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, owner: string, sealed: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES)).setAAD(
      Buffer.from(owner),
    );
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new SealBroken();
  }
}
