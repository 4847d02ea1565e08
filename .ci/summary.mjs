// Counts what the tests and the checks reported. A part that failed without a report of it counts as one failure.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [reports, testStatus, checkStatus] = process.argv.slice(2);

function read(name) {
  try {
    return JSON.parse(readFileSync(join(reports, name), 'utf8'));
  } catch {
    return undefined;
  }
}

function tests() {
  const report = read('tests.json');
  if (!report) return { passed: 0, failed: 1 };
  // A file that cannot be loaded has failed and holds no test.
  const unloadable = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloadable.length;
  return { passed: report.numPassedTests, failed: testStatus !== '0' ? Math.max(1, failed) : failed };
}

function checks() {
  const report = read('check.json') ?? { passed: 0, failed: 1 };
  return checkStatus !== '0' ? { ...report, failed: Math.max(1, report.failed) } : report;
}

const all = [tests(), checks()];
const passed = all.reduce((sum, part) => sum + part.passed, 0);
const failed = all.reduce((sum, part) => sum + part.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
// A run without a single test has proved nothing.
process.exitCode = failed === 0 && all[0].passed > 0 ? 0 : 1;
