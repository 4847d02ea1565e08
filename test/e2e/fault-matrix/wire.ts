import type { OutgoingRequest, Sender, Sent } from '#outbound';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import type { FaultRule } from '../../../apps/sandbox/src/faults/fault-rules.js';
import type { Company } from '../../chaos/companies.js';
import { ruleOf } from '../../chaos/faults.js';
import { hanging } from './expected.js';
import type { Strikes } from './expected.js';

/** Long enough for a busy machine to open a connection, short enough for a hundred calls that never answer. */
const CUT_MS = 1_000;
/** No byte of a slow body arrives before the time-out. */
const SLOW = { intervalMs: 5_000 };
/** Longer than a play, whose end opens the port. */
const SHUT = { forMs: 60_000 };
/** More than any operation calls. */
const OFTEN = 99;

/** The same fields change in every run. */
const SEED = 1;

/** The call that is hit, and the fault. */
export interface Blow {
  fault: FaultName;
  strikes: Strikes;
  /** Identifies the call among those of its operation, by `METHOD path?query`. */
  at: RegExp;
  params?: FaultRule['params'];
}

/** The gateway's sender, which sets the fault just before one selected call leaves. */
export class Wire implements Sender {
  /** The call under test has left, or tried to. */
  struck = false;
  #blow: Blow | undefined;

  constructor(
    readonly real: Sender,
    readonly company: Company,
    /** Who is refused when a connection is made must not come over one that stands. */
    readonly fresh: boolean,
  ) {}

  /** Breaks nothing any more. */
  reset(): void {
    this.struck = false;
    this.#blow = undefined;
  }

  /** From now on the call is waited for. */
  aim(blow: Blow): void {
    this.#blow = blow;
  }

  async send(request: OutgoingRequest): Promise<Sent> {
    const blow = this.#blow;
    const headers = this.fresh ? { ...request.headers, connection: 'close' } : request.headers;
    if (!blow) return this.real.send({ ...request, headers });
    const strikes = !this.struck && blow.at.test(this.#callOf(request));
    if (strikes) await this.#strike(blow);
    const cut = hanging.includes(blow.fault) && (strikes || (this.struck && blow.strikes === 'always'));
    return this.real.send({
      ...request,
      headers,
      timeoutMs: cut ? CUT_MS : request.timeoutMs,
    });
  }

  close(): void {}

  #callOf({ method, url }: OutgoingRequest): string {
    return `${method} ${url.slice(this.company.connection.baseUrl.length)}`;
  }

  async #strike({ fault, strikes, params }: Blow): Promise<void> {
    this.struck = true;
    if (fault === 'keepalive-close') await this.#warmUp();
    const once = strikes === 'once' || fault === 'keepalive-close';
    const { provider } = this.company.connection;
    const rule = ruleOf(fault, { provider, count: once ? 1 : OFTEN, seed: SEED });
    const longer = { slow: SLOW, 'port-closed': SHUT }[fault as string];
    const own = { ...rule.params, ...longer, ...params };
    await this.company.control('faults', [{ ...rule, params: own }]);
  }

  /** Any answer leaves a socket that was used once. */
  async #warmUp(): Promise<void> {
    const url = this.company.connection.baseUrl;
    await this.real.send({ method: 'GET', url, headers: {}, timeoutMs: 5_000 });
  }
}
