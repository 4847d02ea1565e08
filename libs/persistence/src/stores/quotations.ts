import type { Tx } from '../database.js';

/** Lines of the call log that one statement looks through: far less than the time limit of a statement allows. */
const CALLS_AT_ONCE = 5_000;

/** Takes a person's references out of a connection's call log, slice by slice: for all lines of a busy connection at once a statement has too little time. */
export async function unquote(tx: Tx, connectionId: string, references: string[]): Promise<void> {
  const any = references.map(reference => reference.replace(/[!-/:-@[-`{-~]/g, '\\$&')).join('|');
  // A provider's id stands in previews that support reads; as a whole word, since ids can be short.
  const word = `(?<!\\w)(?:${any})(?!\\w)`;
  let last: string | null = '';
  while (last !== null) {
    const asked: unknown[] = [connectionId, last, references, word];
    const [slice]: { last: string | null }[] = await tx.query(unquoteSlice, asked);
    last = slice!.last;
  }
}

// The search for the bare text comes first: it costs a fraction of the expression.
const unquoteSlice = `
  with slice as materialized (
    select id, exists (select from unnest($3::text[]) as r(reference)
      where strpos(concat_ws(' ', url, request->>'preview', response->>'preview'), reference) > 0) as named
    from provider_calls where connection_id = $1 and id > $2 order by id limit ${CALLS_AT_ONCE}),
  unquoted as (
    update provider_calls set request = request - 'preview', response = response - 'preview',
      url = regexp_replace(url, $4, '***', 'g')
    where id = any(array(select id from slice where named))
      and (url ~ $4 or request->>'preview' ~ $4 or response->>'preview' ~ $4))
  select max(id) as last from slice`;
