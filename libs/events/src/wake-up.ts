/** Wakes the one that waits for it. A call that comes before the wait is not lost; several are one. */
export class WakeUp {
  #called = false;
  #wake = (): void => undefined;

  call(): void {
    this.#called = true;
    this.#wake();
  }

  async wait(): Promise<void> {
    if (!this.#called) await new Promise<void>(resolve => (this.#wake = resolve));
    this.#called = false;
  }
}
