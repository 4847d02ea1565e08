import { refusalAt } from '#canonical';
import { fitsNumber } from '#adapter-kit';

/** Throws for an amount that Recreativ cannot be sent exactly: it takes JSON numbers. */
export function requireExactNumber(pointer: string, decimal: string): void {
  if (fitsNumber(decimal)) return;
  throw refusalAt(pointer, 'Recreativ takes amounts as JSON numbers, which cannot hold this many digits.');
}
