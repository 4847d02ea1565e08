import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Stopping } from '../stopping.js';
import { LanesController } from './lanes.controller.js';

describe('a watcher of lanes', () => {
  it('costs nothing after it disconnects, even without any news', async () => {
    const raw = Object.assign(new EventEmitter(), { closed: false });
    const lanes = { lately: async () => [] };
    const controller = new LanesController(lanes as never, {} as never, new Stopping());
    const events = controller
      .watch({ tenantId: 'ten_1' } as never, { raw, request: { identify: async () => undefined } } as never)
      .getStream()
      [Symbol.asyncIterator]();
    expect(String((await events.next()).value)).toContain('retry:');
    expect(String((await events.next()).value)).toContain('event: lanes');
    const next = events.next();
    raw.emit('close');
    expect(await next).toMatchObject({ done: true });
  });

  it('counts against the limit of its key until it disconnects', () => {
    const controller = new LanesController({} as never, {} as never, new Stopping());
    const watch = (keyId: string) => {
      const raw = Object.assign(new EventEmitter(), { closed: false });
      controller.watch({ tenantId: 'ten_1', keyId } as never, { raw } as never);
      return raw;
    };
    const open = Array.from({ length: 50 }, () => watch('key_1'));
    expect(() => watch('key_1')).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
    expect(() => watch('key_2')).not.toThrow();
    open[7]!.emit('close');
    expect(() => watch('key_1')).not.toThrow();
    expect(() => watch('key_1')).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
  });
});
