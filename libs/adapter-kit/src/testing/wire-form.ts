import type { WireAnswer, WireRequest } from '../exchange.js';
import { readWire } from '../parse.js';
import { formBody, queryString } from '../wire.js';
import type { Adapter } from '../adapter.js';
import type { Fixture } from './fixture.js';
import type { SimulatedAnswer, SimulatedRequest, SimulatorFactory } from './simulator.js';

/** The bytes that the gateway would have read from the socket for a recorded answer, parsed. */
export function answerOf({ status, headers, json, text }: Fixture['answer']): WireAnswer {
  const bytes = Buffer.from(text ?? (json === undefined ? '' : JSON.stringify(json)));
  const names = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return readWire(status, Object.fromEntries(names), bytes);
}

/** The same for a simulator's answer. */
export function answerOfSimulator({ status, headers, body }: SimulatedAnswer): WireAnswer {
  return answerOf({ status, headers, ...(typeof body === 'string' ? { text: body } : { json: body }) });
}

/** An adapter's request with the demo connection's credentials, as the simulator sees it. */
export function simulated(
  adapter: Adapter,
  { demo }: SimulatorFactory,
  request: WireRequest,
  now: Date,
): SimulatedRequest {
  const proof = adapter.authenticate(demo.credentials, demo.settings, request);
  const query = queryString({ ...request.query, ...proof.query });
  const form = request.form || proof.form ? { ...request.form, ...proof.form } : undefined;
  const kind = form ? 'application/x-www-form-urlencoded' : 'application/json';
  const headers = { accept: 'application/json', ...request.headers, ...proof.headers };
  const body = form ? formBody(form) : request.json === undefined ? '' : JSON.stringify(request.json);
  const bearer = request.bearer ? { authorization: `Bearer ${request.bearer}` } : {};
  const named = Object.entries({ ...headers, ...bearer, ...(body ? { 'content-type': kind } : {}) });
  return {
    method: request.method,
    path: request.path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value])),
    body,
    now,
  };
}
