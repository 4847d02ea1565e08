/** Why the embedded database cannot run here, as one sentence for the person who started it. Shown without a stack. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
