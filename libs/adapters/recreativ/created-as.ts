import { Unreadable } from '#adapter-kit';
import type { Reader, WireAnswer } from '#adapter-kit';
import { recordOf } from './wire.js';

/** The object created with a 201: from the body, or only its id from the end of `Location`, since Yii sends no body by default. */
export function createdAs<T>(answer: WireAnswer, read: (row: Reader) => T): T | { id: string } {
  const id = /\/(\w+)\/?(?:[?#].*)?$/.exec(answer.headers['location'] ?? '')?.[1];
  try {
    const row = recordOf(answer);
    requireNumber(row.at('id').needId());
    return read(row);
  } catch (error) {
    if (error instanceof Unreadable && id !== undefined && /\d/.test(id)) return { id };
    throw error;
  }
}

function requireNumber(id: string): void {
  if (!/\d/.test(id)) throw new Unreadable('/id', 'is not a number');
}
