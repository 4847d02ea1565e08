import { describe, expect, it } from 'vitest';
import { environmentFor, planStart } from './start-plan.js';

describe('the plan of a start', () => {
  it('embeds everything and listens on localhost only when nothing is set', () => {
    expect(planStart({}, '/srv/gateway')).toEqual({
      dataDir: '/srv/gateway/.data',
      embedded: true,
      host: '127.0.0.1',
      port: 3000,
      sandboxPort: 3001,
    });
  });

  it('listens on the network and has no sandbox when a database is given', () => {
    const plan = planStart({ DATABASE_URL: 'postgres://given', DATA_DIR: '/data' }, '/srv/gateway');
    expect(plan).toEqual({
      dataDir: '/data',
      embedded: false,
      host: '0.0.0.0',
      port: 3000,
      sandboxPort: undefined,
    });
    expect(environmentFor(plan, { LOG_LEVEL: 'debug' })).toEqual({
      LOG_LEVEL: 'debug',
      DATA_DIR: '/data',
      HOST: '0.0.0.0',
      PORT: '3000',
      SANDBOX: 'off',
      UV_THREADPOOL_SIZE: '32',
    });
  });

  it('leaves the number of threads to who sets one', () => {
    const env = { UV_THREADPOOL_SIZE: '8' };
    expect(environmentFor(planStart(env), env)).toMatchObject(env);
  });

  it.each(['0', '65536', 'http', '80.5', '-1'])('refuses %s as a port and names the variable', PORT => {
    expect(() => planStart({ PORT })).toThrow(`PORT is "${PORT}", which is not a port`);
    expect(() => planStart({ SANDBOX_PORT: PORT })).toThrow(/^SANDBOX_PORT/);
  });

  it('refuses one port for two, and a sandbox that is neither on nor off', () => {
    expect(() => planStart({ PORT: '3001' })).toThrow('PORT and SANDBOX_PORT are both 3001');
    expect(planStart({ PORT: '3001', SANDBOX: 'off' })).toMatchObject({ port: 3001 });
    expect(() => planStart({ SANDBOX: 'yes' })).toThrow('SANDBOX is "yes": it takes on or off.');
  });
});
