import { Controller, Delete, Get, Inject, Patch, Post, Put } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiParam, ApiQuery, ApiSchema, ApiTags } from '@nestjs/swagger';
import type { Type } from '@nestjs/common';
import { callOf, retryClassOf } from '#adapter-kit';
import type { Adapter, Extension } from '#adapter-kit';
import { registry } from '#adapters';
import { Operation, listOf, providersOrder } from '#canonical';
import type { ErrorCode } from '#canonical';
import { extensionKind, refsOf, readBy, notSupported } from '#outbound';
import type { OpenConnection } from '#outbound';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import type { Bodies } from '../http/answers.js';
import { CurrentIntent, OptionalIntent, submitted } from '../http/intent.js';
import type { Intent } from '../http/intent.js';
import { CurrentAsk } from '../http/provider-read.js';
import type { Asked } from '../http/provider-read.js';
import { BodyLimit } from '../http/route-options.js';
import { ExtensionAsked } from './extension-input.js';
import type { ExtensionInput } from './extension-input.js';
import { ProviderConnection } from './provider-connection.js';

const routes = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete };

/** Generates a controller per provider from its adapter's extensions: a new extension needs no code here. */
export function extensionControllers(): Type[] {
  return Object.values(registry)
    .map(({ adapter }) => adapter)
    .filter(adapter => Object.keys(adapter.extensions ?? {}).length > 0)
    .map(controllerOf);
}

function controllerOf(adapter: Adapter): Type {
  class ExtensionsController {
    constructor(@Inject(CORE) readonly core: Core) {}
  }
  Object.defineProperty(ExtensionsController, 'name', {
    value: `${adapter.title.replace(/\W/g, '')}ExtensionsController`,
  });
  for (const [name, extension] of Object.entries(adapter.extensions!))
    addRoute(ExtensionsController, { adapter, name, extension });
  ApiTags(`${adapter.title} extensions`)(ExtensionsController);
  Controller(`v1/x/${adapter.name}`)(ExtensionsController);
  return ExtensionsController;
}

interface Place {
  adapter: Adapter;
  name: string;
  extension: Extension;
}

function addRoute(controller: Type, place: Place): void {
  const { adapter, name, extension } = place;
  const reads = isRead(extension);
  const target = controller.prototype as Record<string, unknown>;
  target[name] = reads ? readerOf(place) : writerOf(place);
  const descriptor = Object.getOwnPropertyDescriptor(target, name)!;
  ProviderConnection(adapter.name)(target, name, 0);
  ExtensionAsked(extension)(target, name, 1);
  (reads ? CurrentAsk() : extension.idempotencyKey ? CurrentIntent() : OptionalIntent())(target, name, 2);
  for (const decorate of decoratorsOf(place, reads)) decorate(target, name, descriptor);
  Object.defineProperty(target, name, descriptor);
}

function decoratorsOf(place: Place, reads: boolean): MethodDecorator[] {
  const { adapter, extension } = place;
  const path = extension.path.replace(/\{(\w+)\}/g, ':$1');
  const params = [...extension.path.matchAll(/\{(\w+)\}/g)].map(([, param]) => param!);
  return [
    routes[extension.method](path),
    Scopes(reads ? 'extensions:read' : 'extensions:write'),
    Answers(extension.summary, bodiesOf(place, reads), refusalsOf(extension)),
    ApiHeader({
      name: 'Gateway-Connection',
      required: false,
      description: `Id or slug of a connection to ${adapter.title}.`,
      schema: { type: 'string', maxLength: 64 },
    }),
    ...params.map(param =>
      ApiParam({
        name: param,
        schema: { type: 'string' },
        description:
          param === 'customerId' ? 'The gateway’s id of the customer.' : `The id at ${adapter.title}.`,
      }),
    ),
    ...(extension.query ? [ApiQuery({ type: extension.query })] : []),
    ...(extension.body ? [ApiBody({ type: extension.body })] : []),
    ...(extension.bodyLimit ? [BodyLimit(extension.bodyLimit)] : []),
  ];
}

/** The documented answer, or a list of it; without a class a free form. */
function bodiesOf({ name, extension: { status = 200, answer, list } }: Place, reads: boolean): Bodies {
  const row = answer ?? FreeForm;
  const body = status === 204 ? null : list ? listClass(row, name) : row;
  return { [status]: body, ...(reads ? {} : { 202: Operation }) };
}

/** The provider's answer, unchanged. */
@ApiSchema({ name: 'ProviderAnswer' })
class FreeForm {}

function listClass(answer: Type, name: string): Type {
  const List = listOf(answer, providersOrder);
  Object.defineProperty(List, 'name', { value: `${name[0]!.toUpperCase()}${name.slice(1)}List` });
  return List;
}

const isRead = (extension: Extension): boolean => retryClassOf(callOf(extension.does), {}) === 'read';

/** The problem codes of the provider's refusals of this call. */
const refusalsOf = (extension: Extension): ErrorCode[] => Object.values(callOf(extension.does).errors ?? {});

function readerOf({ adapter, name, extension }: Place) {
  return async function (
    this: { core: Core },
    connection: OpenConnection,
    { params, query, body }: ExtensionInput,
    asked: Asked,
  ): Promise<unknown> {
    const off = extension.unless?.(connection.settings);
    if (off !== undefined) throw notSupported(`x.${adapter.name}.${name}`, off);
    const refs = extension.customer ? await refsOf(this.core, connection, params['customerId']) : undefined;
    const ask = { params, query, body, ...(refs ? { refs } : {}) };
    const answer = await readBy(
      this.core,
      connection,
      { does: extension.does, ask, laneClass: extension.laneClass },
      asked,
    );
    return Array.isArray(answer) ? { data: answer, nextCursor: null } : answer;
  };
}

function writerOf({ adapter, name }: Place) {
  const kind = extensionKind(`x.${adapter.name}.${name}`)!;
  return function (
    this: { core: Core },
    connection: OpenConnection,
    { params, query, body }: ExtensionInput,
    intent: Intent,
  ): Promise<unknown> {
    return submitted(this.core, { kind, connection, body: { query, body }, params }, intent);
  };
}
