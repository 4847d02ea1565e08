import { Refusal, errorCodes, errorTable, toProblem } from '#canonical';
import type { ErrorCode, Problem, RefusalMembers } from '#canonical';
import { OF_THE_BODY, standsAs } from '../auth/refused-repeat.js';
import { DOUBT, DOUBT_WITHOUT_KEY, UNSEEN } from '../http/problem.filter.js';
import { keyParameter } from './api-operation.js';
import type { ApiOperation } from './api-operation.js';

// For these, a write that the gateway did not look up has the outcome `unknown`; the sentences are the filter's.
const unseen: Partial<Record<ErrorCode, string>> = {
  ...UNSEEN,
  'dependency-unavailable': DOUBT,
};

const operationId = 'opr_01h455vb4pex5vsknk084sn02q';

// Of a body that was refused, whose key turned out to be known.
const ofKnown = (code: ErrorCode): RefusalMembers => ({
  detail: `${errorTable[code].detail} ${standsAs(operationId)}`,
  outcome: 'unknown',
  operationId,
});

type Example = { summary: string; value: Problem };

const inDoubt = (code: ErrorCode): string => `${code}-in-doubt`;
const WITHOUT_KEY = 'dependency-unavailable-without-key-in-doubt';

/** The examples that routes refer to: one of each code, and those of writes in doubt. */
export const problemExamples = (): Record<string, Example> => ({
  ...Object.fromEntries(errorCodes.map(code => [code, exampleOf(code)])),
  ...Object.fromEntries(
    Object.entries(unseen).map(([name, detail]) => {
      const code = name as ErrorCode;
      return [inDoubt(code), exampleOf(code, { detail, outcome: 'unknown' })];
    }),
  ),
  ...Object.fromEntries(OF_THE_BODY.map(code => [inDoubt(code), exampleOf(code, ofKnown(code))])),
  [WITHOUT_KEY]: exampleOf('dependency-unavailable', { detail: DOUBT_WITHOUT_KEY, outcome: 'unknown' }),
});

/** The examples of a code that can be a route's answer. There is always one under the name of the code. */
export function examplesOf(code: ErrorCode, route: string, operation: ApiOperation): Record<string, Ref> {
  const looksUp = OF_THE_BODY.includes(code);
  if (!(looksUp || code in unseen) || !writes(route, operation)) return { [code]: refTo(code) };
  const key = keyParameter(operation);
  const away = code === 'dependency-unavailable';
  // A request without a key repeats nothing; without Postgres, any write may have been accepted.
  if (!key) return { [code]: refTo(away ? WITHOUT_KEY : code) };
  const alwaysInDoubt = key.required && !looksUp && !away;
  if (alwaysInDoubt) return { [code]: refTo(inDoubt(code)) };
  return { [code]: refTo(code), [inDoubt(code)]: refTo(inDoubt(code)) };
}

type Ref = { $ref: string };

const refTo = (name: string): Ref => ({ $ref: `#/components/examples/${name}` });

const writes = (route: string, operation: ApiOperation): boolean =>
  !route.startsWith('GET ') && (operation['x-scopes'] ?? []).some(scope => !scope.endsWith(':read'));

function exampleOf(code: ErrorCode, members: RefusalMembers = {}): Example {
  const { title } = errorTable[code];
  return {
    summary: members.outcome === 'unknown' ? `${title}; it may have been executed before` : title,
    value: toProblem(new Refusal(code, members), { requestId: '01h455vb4pex5vsknk084sn02q' }),
  };
}
