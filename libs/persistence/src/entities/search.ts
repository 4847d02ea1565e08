import type { ErrorCode, Problem } from '#canonical';

/** What is known of a lost answer, as stored on the operation's row. */
export interface Search {
  strategy: string;
  tries: number;
  /** Probes that answered "absent". */
  absents: number;
  reason: string;
  /** The last request was refused, and the plan doubted the refusal. */
  denied?: true;
  /** A probe, or the early look before the first, answered "absent". */
  unseen?: true;
  nextAt?: string;
  /** Postponed because the provider answers nobody; probed as soon as it answers again. */
  held?: true;
  /** The code with which a repeat was refused. */
  refused?: ErrorCode;
  /** A repeat was answered with an effect that has other figures than the ones sent. */
  contradicted?: true;
  /** A refusal that was doubted, or of a repeat: told to the caller if the effect turns out to be absent. */
  told?: Problem;
}
