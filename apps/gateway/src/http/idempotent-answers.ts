import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '#canonical';
import { canonicalJson, keepAnswer, storedAnswer } from '#outbound';
import type { OpenTx, StoredKey } from '#persistence';
import type { Caller } from '../auth/caller.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answer } from './answer.js';

/** A write handled by the gateway alone, without a provider. */
export interface KeyedWrite {
  caller: Pick<Caller, 'tenantId'>;
  key: string;
  /** E.g. `POST /v1/connections`, with the actual ids in the path. */
  route: string;
  body: unknown;
}

/** Stores and repeats the answers of writes without an operation, by idempotency key, for 30 days. */
@Injectable()
export class IdempotentAnswers {
  constructor(@Inject(CORE) private readonly core: Core) {}

  /**
   * Runs `work` in one transaction with its key and stores the answer, sealed. A repeat gets the stored answer; a
   * concurrent one waits for it. An error rolls back everything, the key included. Slow work (calls, name resolution)
   * belongs in `prepare`, which runs before the transaction and not for repeats.
   */
  async once<Prepared>(
    asked: KeyedWrite,
    prepare: () => Promise<Prepared>,
    work: (tx: OpenTx, prepared: Prepared) => Promise<Answer>,
  ): Promise<Answer> {
    const { database, stores } = this.core;
    const key = { tenantId: asked.caller.tenantId, key: asked.key, fingerprint: this.#fingerprint(asked) };
    const known = await stores.idempotency.find(database.direct, key.tenantId, key.key);
    if (known) return this.#again(known, key.fingerprint);
    const prepared = await prepare();
    return database.transaction(async tx => {
      const taken = await stores.idempotency.take(tx, key);
      if (taken) return this.#again(taken, key.fingerprint);
      const answer = await work(tx, prepared);
      const { status, body, headers } = answer;
      await keepAnswer(this.core, tx, key, { status, location: headers.location, body });
      return answer;
    });
  }

  // A keyed hash, since the body may contain credentials.
  #fingerprint({ route, body }: KeyedWrite): string {
    return this.core.vault.fingerprint('idempotency', canonicalJson({ route, body }));
  }

  #again(known: StoredKey, fingerprint: string): Answer {
    if (known.fingerprint !== fingerprint) throw new Refusal('idempotency-key-reused');
    const answer = storedAnswer(this.core, known);
    if (!answer) throw new Error('A key without an operation has its answer.');
    const { status, location, body } = answer;
    return new Answer(status, body, { ...(location !== undefined && { location }), replayed: true });
  }
}
