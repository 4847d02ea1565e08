// The refund property test with 10,000 sequences.
process.env['SEQUENCES'] ??= '10000';
await import('../e2e/refunds.spec.js');
