import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { retryClassOf } from '#adapter-kit';
import { registry } from '#adapters';
import { declared, exchangeOf, readCalls, writeCalls } from './fault-matrix/calls.js';
import { matrixDocument } from './fault-matrix/document.js';

describe('the fault matrix', () => {
  it.each(Object.keys(registry))('plays every call that the adapter of %s declares', provider => {
    const names = (calls: readonly { name: string }[]) => calls.map(({ name }) => name).toSorted();
    const written = writeCalls.filter(call => call.provider === provider).map(call => call.exchange);
    expect([...new Set(written)].toSorted()).toEqual(names(declared(provider, false)));
    const read = readCalls().filter(call => call.provider === provider);
    expect(names(read.map(({ exchange }) => exchange))).toEqual(names(declared(provider, true)));
  });

  it.each(writeCalls)(
    '$provider $exchange $variant is declared in the class that the matrix expects',
    call => {
      const { adapter } = registry[call.provider]!;
      const settings = Object.assign(new adapter.settings(), call.settings);
      expect(retryClassOf(exchangeOf(call)!, settings)).toBe(call.retryClass);
    },
  );

  it('matches docs/fault-matrix.md', async () => {
    const style = await resolveConfig(import.meta.filename);
    const document = await format(matrixDocument(), { ...style, parser: 'markdown' });
    await expect(document).toMatchFileSnapshot('../../docs/fault-matrix.md');
  });
});
