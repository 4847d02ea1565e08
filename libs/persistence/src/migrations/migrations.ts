import { House1764000000001 } from './1-house.js';

/** All migrations, oldest first. */
export const migrations = [House1764000000001];
