// Generates the API documents from the gateway, and the client's types from them.
import { buildIfStale, fail, installIfStale, run } from './project.mjs';

installIfStale();
buildIfStale();
if (run(process.execPath, ['dist/apps/gateway/src/generate.js']) !== 0)
  fail('The documents could not be made.');
// A field with a default is optional in requests.
const types = ['docs/openapi.json', '-o', 'libs/client/src/schema.ts', '--default-non-nullable=false'];
if (run(process.execPath, ['node_modules/openapi-typescript/bin/cli.js', ...types]) !== 0) {
  fail("The client's types could not be made.");
}
if (run(process.execPath, ['test/e2e/calls/calls-doc.mjs']) !== 0)
  fail('The table of provider calls could not be made.');
