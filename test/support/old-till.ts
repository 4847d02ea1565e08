import type { OpenConnection } from '#outbound';
import type { TestGateway, Told } from './gateway.js';

/** Options of a till's request. */
export interface Said {
  body?: string;
  headers?: Record<string, string>;
}

/** A program that speaks UDS v1 and cannot be changed; its key is bound to one connection. */
export interface OldTill {
  get(path: string, said?: Said): Promise<Told>;
  post(path: string, said?: Said): Promise<Told>;
  /** `POST purchase` with all fields in the query, as the provider documents it. */
  buy(query: string, said?: Said): Promise<Told>;
}

/** The façade's path under any host. */
export const FACADE = '/compat/uds/v1/partner';

/** A till with its own key of scope `compat`, more patient than a real one: a slow machine is no news. */
export async function oldTill(gateway: TestGateway, connection: OpenConnection): Promise<OldTill> {
  const key = await gateway.makeKey({ scopes: ['compat'], defaultConnectionId: connection.id });
  const ask = (method: 'GET' | 'POST', path: string, { body, headers }: Said = {}) =>
    gateway.ask({
      method,
      path: path.startsWith('/') ? path : `${FACADE}/${path}`,
      key: null,
      headers: { 'x-api-key': key, prefer: 'wait=25', ...headers },
      ...(body !== undefined && { body }),
    });
  return {
    get: (path, said) => ask('GET', path, said),
    post: (path, said) => ask('POST', path, said),
    buy: (query, said) => ask('POST', `purchase?${query}`, said),
  };
}
