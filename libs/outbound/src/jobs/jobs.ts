/** The queues behind the gateway, in Redis or Postgres. A job carries only ids, so losing the queues loses nothing. */
export interface Jobs {
  /** Asks for an operation to be executed or reconciled after `delayMs`; the same `turn` of an operation is asked for once. */
  operation(name: 'execute' | 'reconcile', operationId: string, turn: string, delayMs: number): Promise<void>;
  /** Asks for the lane's due operations to be run: at most one pump a lane runs at a time, and whoever asks while it does is answered by another turn after it. */
  ensurePump(lane: string): Promise<void>;
  /** Asks for the holds that end in this unix second to be settled; one job a second, whatever their number. */
  holdExpiry(unixSecond: number): Promise<void>;
  /** Answers when the store does; rejects otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
