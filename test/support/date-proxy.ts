import { forward } from './forward.js';
import { startServer } from './server.js';

/** A proxy that removes or replaces the `Date` header of answers. */
export interface DateProxy {
  url: string;
  /** Sets the `Date` header of later answers; `undefined` = none. */
  setDate(text: string | undefined): void;
  close(): Promise<void>;
}

/** Starts the proxy in front of a server. */
export async function startDateProxy(target: string): Promise<DateProxy> {
  let date: string | undefined;
  const server = await startServer((request, response) => {
    response.sendDate = false;
    void forward(target, request).then(
      ({ status, headers, body }) => {
        const type = headers.get('content-type') ?? '';
        response.writeHead(status, { 'content-type': type, ...(date !== undefined && { date }) }).end(body);
      },
      () => request.socket.destroy(),
    );
  });
  return { ...server, setDate: text => (date = text) };
}
