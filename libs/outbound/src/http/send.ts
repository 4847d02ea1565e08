import type { IncomingMessage } from 'node:http';
import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { createAgents } from './agents.js';
import type { Agents } from './agents.js';
import { readBody } from './body.js';
import type { EgressGuard } from './egress-guard.js';
import { Flight } from './flight.js';
import type { OutgoingRequest, Sent } from './sent.js';

/** Sends requests, each exactly once: no retry, no redirect, no proxy. */
export interface Sender {
  /** Never rejects: whatever happens on the wire is told by the kind of `Sent`. */
  send(request: OutgoingRequest): Promise<Sent>;
  /** Closes all sockets; a request in flight ends as unanswered. */
  close(): void;
}

/** What a sender is made of. */
export interface SenderParts {
  guard: EgressGuard;
  /** `axiosRef` of Nest's `HttpService`. */
  axios: AxiosInstance;
  /** For DNS, TCP and TLS together; 1,000 ms unless told. */
  connectTimeoutMs?: number;
  /** PEM roots to trust instead of the system's. */
  ca?: string;
}

const MOST_BYTES = 2 * 1024 * 1024;

/** Makes the only thing in the gateway that touches the wire towards providers and webhook receivers. */
export function createSender({ guard, axios, connectTimeoutMs = 1_000, ca }: SenderParts): Sender {
  const agents = createAgents(guard, ca);

  async function send(request: OutgoingRequest): Promise<Sent> {
    const flight = new Flight(request, connectTimeoutMs);
    try {
      const exchange = async (): Promise<Sent> => {
        const { data } = await axios.request<IncomingMessage>(axiosConfig(request, flight, agents));
        agents.heard(data);
        return flight.arrived(data, await readBody(data, request.maxBytes ?? MOST_BYTES));
      };
      return await Promise.race([exchange(), flight.overdue]);
    } catch (error) {
      return flight.failed(error);
    } finally {
      flight.end();
    }
  }

  return { send, close: () => agents.close() };
}

function axiosConfig(request: OutgoingRequest, flight: Flight, agents: Agents): AxiosRequestConfig {
  const untouched = (data: unknown): unknown => data;
  return {
    method: request.method,
    url: request.url,
    data: request.body,
    // `false` keeps axios from inventing a type for a POST without a body.
    headers: {
      'user-agent': 'loyalty-gateway',
      'content-type': false,
      ...lowerCase(request.headers),
      'accept-encoding': 'identity',
    },
    httpAgent: agents.httpAgent,
    httpsAgent: agents.httpsAgent,
    transport: { request: flight.depart.bind(flight) },
    // The body is read and unpacked by `readBody`, whose cap counts what came out.
    responseType: 'stream',
    decompress: false,
    transformRequest: untouched,
    transformResponse: untouched,
    validateStatus: () => true,
    maxRedirects: 0,
    proxy: false,
    timeout: 0,
    maxBodyLength: -1,
    maxContentLength: -1,
  };
}

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
