// The rules of refunds, 10,000 sequences long.
process.env['SEQUENCES'] ??= '10000';
await import('../e2e/refunds.spec.js');
