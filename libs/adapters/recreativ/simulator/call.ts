import type { SimulatedRequest } from '#adapter-kit/testing';
import type { Done } from './answers.js';
import type { Books } from './books.js';
import type { RecreativOptions } from './options.js';

/** The input of a call; `ids` are the variable parts of the path. */
export interface Call {
  books: Books;
  request: SimulatedRequest;
  ids: string[];
  options: Required<RecreativOptions>;
}

/** Answers one method of one path. */
export type Answer = (call: Call) => Done;

/** The documented paths, with a function for each method. */
export type Routes = [RegExp, Record<string, Answer>][];
