import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedAnswer, SimulatedRequest } from '#adapter-kit/testing';
import { TooLong, bodyOf, rendered, send } from './answer.js';
import { anonymous, credentialOf, redacted } from './credential.js';
import { reply } from './faults/faulty-call.js';
import type { FaultyCall } from './faults/faulty-call.js';
import type { DrawnFault } from './faults/fault-rules.js';
import { beforeReading, callFaults } from './faults/call-faults.js';
import type { CallFaultName } from './faults/call-faults.js';
import type { JournalEntry } from './journal.js';
import type { SandboxContext } from './context.js';
import type { ServedSimulator } from './simulators.js';

/** A call as it arrived. */
export interface Arrival {
  incoming: IncomingMessage;
  response: ServerResponse;
  /** Its connection carried a call before. */
  reused: boolean;
}

/** Answers a call in the provider's place: records it, then injects the fault that is due or lets the simulator answer. */
export async function serveProvider(context: SandboxContext, arrival: Arrival): Promise<void> {
  const { path, query } = addressOf(arrival.incoming);
  const found = context.simulators.at(path);
  if (!found) return nobody(context, arrival.response, path);
  const { served, below } = found;
  const request = { ...headOf(arrival.incoming), path: below, query, now: context.clock.now() };
  const { entry, allowed } = record(context, served, request);
  const drawn = allowed ? context.rules.draw({ ...entry, reused: arrival.reused }) : undefined;
  entry.fault = drawn?.fault;
  const call = callOf(context, { served, arrival, entry, drawn, request: { ...request, body: '' } });
  if (drawn && beforeReading.has(drawn.fault)) return callFaults[drawn.fault as CallFaultName](call);
  const body = await bodyOf(arrival.incoming).catch((error: unknown) => error as Error);
  if (typeof body !== 'string') return unread(call, body);
  call.request.body = body;
  entry.body = kept(body, request.headers['content-type']);
  if (!allowed) return reply(call, call.tooManyRequests());
  if (drawn) return callFaults[drawn.fault as CallFaultName](call);
  reply(call, call.commit());
}

function addressOf({ url = '/' }: IncomingMessage): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark)) };
}

function headOf({ method = 'GET', headers }: IncomingMessage): Pick<SimulatedRequest, 'method' | 'headers'> {
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { method, headers: Object.fromEntries(single) as Record<string, string> };
}

function nobody({ simulators, clock }: SandboxContext, response: ServerResponse, path: string): void {
  const mounts = simulators.all().map(({ mount }) => mount);
  const body = { error: `nothing is served at ${path}`, mounts, control: '/__sim' };
  send(response, rendered({ status: 404, body }, clock.now()));
}

type Head = Omit<SimulatedRequest, 'body'>;

function record({ journal, rate, clock }: SandboxContext, { factory }: ServedSimulator, head: Head) {
  const { provider } = factory;
  const startedMs = clock.real();
  const allowed = rate.start(provider, credentialOf(head, factory), startedMs);
  const { method, path } = head;
  const query = redacted(head.query.toString());
  const entry = journal.open({ at: head.now.toISOString(), startedMs, provider, method, path, query });
  return { entry, allowed };
}

// A form may carry the credential; JSON bodies of the five providers never do.
const LONGEST_KEPT = 4_096;
function kept(body: string, kind = ''): string | undefined {
  if (body === '') return undefined;
  return (kind.includes('x-www-form-urlencoded') ? redacted(body) : body).slice(0, LONGEST_KEPT);
}

function unread(call: FaultyCall, reason: Error): void {
  if (reason instanceof TooLong) reply(call, { status: 413, body: { error: 'the body is over 16 MiB' } });
}

interface Parts {
  served: ServedSimulator;
  arrival: Arrival;
  entry: JournalEntry;
  drawn: DrawnFault | undefined;
  request: SimulatedRequest;
}

function callOf(
  { journal, clock }: SandboxContext,
  { served, arrival, entry, drawn, request }: Parts,
): FaultyCall {
  const { simulator } = served;
  const handle = (asked: SimulatedRequest): SimulatedAnswer => {
    try {
      return simulator.handle(asked);
    } catch (error) {
      console.error(
        `sandbox: the simulator of ${entry.provider} failed at ${asked.method} ${asked.path}`,
        error,
      );
      return { status: 500, body: { error: 'the simulator failed; see the sandbox log' } };
    }
  };
  return {
    request,
    incoming: arrival.incoming,
    response: arrival.response,
    entry,
    params: drawn?.params ?? {},
    random: drawn?.random ?? (() => 0),
    commit: (now = request.now) => {
      const answer = handle({ ...request, now });
      entry.effect = answer.effect;
      return answer;
    },
    commitAfter: delayMs =>
      clock.later(delayMs, () => {
        if (served.simulator !== simulator) return; // reset meanwhile
        const now = clock.now();
        const { status, effect } = handle({ ...request, now });
        const { seq: _, ...same } = entry;
        journal.open({ ...same, at: now.toISOString(), startedMs: clock.real(), status, effect, late: true });
      }),
    refuse: () => refusalOf(handle(anonymous(request))),
    tooManyRequests: () => served.factory.tooManyRequests ?? usual429,
  };
}

const usual429: SimulatedAnswer = { status: 429, body: { message: 'Too Many Requests' } };

const refusalOf = (answer: SimulatedAnswer): SimulatedAnswer =>
  answer.status >= 400 ? answer : { status: 401, body: { error: 'refused' } };
