// Counts what the tests and the checks reported, and names every failure once more beside the count: the end of a long
// log is what is read. A part that failed without a report of it counts as one failure.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [reports, testStatus, checkStatus] = process.argv.slice(2);

function read(name) {
  try {
    return JSON.parse(readFileSync(join(reports, name), 'utf8'));
  } catch {
    return undefined;
  }
}

const MESSAGE_LINES = 12;

function tellFailures({ name, status, message, assertionResults }) {
  const failures = assertionResults.filter(test => test.status === 'failed');
  const told = failures.map(test => [test.fullName, test.failureMessages.join('\n')]);
  if (status === 'failed' && assertionResults.length === 0) told.push(['cannot be loaded', message]);
  for (const [title, text] of told) {
    const lines = String(text).split('\n').slice(0, MESSAGE_LINES);
    console.log(`\nFAILED ${relative(process.cwd(), name)}: ${title}\n  ${lines.join('\n  ')}`);
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
  for (const file of report.testResults) tellFailures(file);
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
