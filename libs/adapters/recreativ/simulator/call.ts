import type { SimulatedRequest } from '#adapter-kit/testing';
import type { Done } from './answers.js';
import type { Books } from './books.js';
import type { RecreativOptions } from './options.js';

/** One call as its function sees it; `ids` are the parts of the path that vary. */
export interface Call {
  books: Books;
  request: SimulatedRequest;
  ids: string[];
  options: Required<RecreativOptions>;
}

/** What answers one method of one path. */
export type Answer = (call: Call) => Done;

/** The paths that the document names, with what answers each method. */
export type Routes = [RegExp, Record<string, Answer>][];
