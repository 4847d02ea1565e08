import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Adapter } from '#adapter-kit';
import { registry } from '#adapters';
import { ListQuery, Provider, listOf } from '#canonical';
import type { List } from '#canonical';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';
import { found } from '../http/found.js';
import { capabilitiesOf } from './capabilities.js';
import { jsonSchemaOf } from './json-schema.js';

class ProviderList extends listOf(Provider, 'Always in the same order.') {}

@ApiTags('Providers')
@Controller('v1/providers')
export class ProvidersController {
  constructor(private readonly cursors: Cursors) {}

  @Get()
  @Scopes('connections:read')
  @Answers('List providers and their capabilities', { 200: ProviderList })
  list(@CurrentCaller() caller: Caller, @Query() query: ListQuery): Promise<List<Provider>> {
    const all = Object.values(registry).map(({ adapter }) => ({ id: adapter.name, adapter }));
    return this.cursors.page(
      { caller, list: 'providers', query },
      async ({ before, limit }) => {
        const start = all.findIndex(({ id }) => id === before) + 1;
        return all.slice(start, start + limit);
      },
      ({ adapter }) => providerView(adapter),
    );
  }

  @Get(':provider')
  @Scopes('connections:read')
  @Answers('Read a provider, with the schemas of its credentials and settings', { 200: Provider })
  one(@Param('provider') name: string): Provider {
    const { adapter } = found(Object.hasOwn(registry, name) ? registry[name] : undefined);
    return {
      ...providerView(adapter),
      credentials: jsonSchemaOf(adapter.credentials),
      settings: jsonSchemaOf(adapter.settings),
    };
  }
}

/** A provider as a new connection with no settings of its own would find it. */
function providerView(adapter: Adapter): Provider {
  const { name, title, source, baseUrl, rateLimit } = adapter;
  return {
    name,
    title,
    source,
    ...(baseUrl !== undefined && { baseUrl }),
    rateLimit,
    capabilities: capabilitiesOf(adapter, {}),
  };
}
