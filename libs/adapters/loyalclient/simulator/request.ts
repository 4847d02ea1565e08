import { Complaint } from './dialect.js';

/** A request body, read as strictly as possible: each field has its documented type, no nulls. */
export class Body {
  private readonly fields: Record<string, unknown>;

  constructor(text: string) {
    this.fields = objectIn(text);
  }

  /** A text that is not empty. */
  text(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string' || value === '') throw new Complaint(name, `${title(name)} is required.`);
    return value;
  }

  /** A JSON number of at least `least`; a number as text is refused. */
  number(name: string, least: number): number {
    const value = this.fields[name];
    if (typeof value !== 'number' || value < least)
      throw new Complaint(name, `${title(name)} must be a number.`);
    return value;
  }

  /** Whole minutes up to 30; 10 when absent. */
  minutes(name: string): number {
    const value = this.fields[name] ?? 10;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
      throw new Complaint(name, `${title(name)} must be whole minutes.`);
    if (value > 30) throw new Complaint(name, `${title(name)} can't be more 30`);
    return value;
  }

  /** A list of texts; empty when absent. */
  texts(name: string): string[] {
    const value = this.fields[name] === undefined ? [] : this.fields[name];
    if (!Array.isArray(value) || !value.every(item => typeof item === 'string'))
      throw new Complaint(name, `${title(name)} must be a list of ids.`);
    return value;
  }
}

function objectIn(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Complaint('body', 'Body must be a JSON object.');
  return value as Record<string, unknown>;
}

const title = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
