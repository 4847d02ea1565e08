import type { Tx } from './database.js';
import { Listener } from './listener.js';

const CHANNEL = 'events_written';

/** Notifies all processes at commit that there is something to deliver; a lost message costs a second. */
export async function notifyEvents(tx: Tx): Promise<void> {
  await tx.query(`select pg_notify('${CHANNEL}', '')`);
}

/** Calls back for each event that any process wrote, once it is opened. Without a connection the fan-out's timer still finds every event. */
export const eventListener = (url: string, written: () => void): Listener =>
  new Listener(url, { channel: CHANNEL, name: 'loyalty-gateway-events', heard: () => written() });
