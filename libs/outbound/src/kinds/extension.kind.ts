import type { Extension, ExtensionAsk } from '#adapter-kit';
import { registry } from '#adapters';
import { Refusal } from '#canonical';
import { notSupported } from '../connections/capability.js';
import { writePlanFor } from '../run/write-plan.js';
import { keepResult, keptResult } from '../run/sealed-result.js';
import { byCustomer } from '../reads/resolve-who.js';
import { defineKind } from './kind.js';
import type { Kind } from './kind.js';
import { fillRecord, insertRecord } from './record.js';

/** What an extension's write is asked with beside the path's parameters, validated by the extension's own classes. */
export type ExtensionRequest = Pick<ExtensionAsk, 'query' | 'body'>;

const made = new Map<string, Kind<ExtensionRequest>>();

/** The kind of a provider's own write, by its operation's name (`x.recreativ.createOffer`); `undefined` where no adapter has it. */
export function extensionKind(name: string): Kind<ExtensionRequest> | undefined {
  const [, provider = '', ...rest] = name.split('.');
  const extensions = Object.hasOwn(registry, provider) ? registry[provider]!.adapter.extensions : undefined;
  const own = rest.join('.');
  if (!extensions || !Object.hasOwn(extensions, own)) return undefined;
  const extension = extensions[own]!;
  const kind = made.get(name) ?? kindFor(name, provider, extension);
  made.set(name, kind);
  return kind;
}

const kindFor = (name: string, provider: string, extension: Extension): Kind<ExtensionRequest> =>
  defineKind<ExtensionRequest, ExtensionAsk, unknown>({
    operation: name,
    resourceType: 'extension',
    prefix: 'opr',
    status: extension.status ?? 200,
    laneClass: extension.laneClass,

    async prepare({ core, tx, connection }, { body: { query, body }, params }) {
      if (connection.provider !== provider) throw new Refusal('not-found');
      const off = extension.unless?.(connection.settings);
      if (off !== undefined) throw notSupported(name, off);
      const known =
        extension.customer && params.customerId
          ? await byCustomer(core, tx, connection, params.customerId)
          : undefined;
      const gone = extension.removes && params[extension.removes];
      const removed = gone && (await core.stores.records.byProviderRef(tx, connection.id, name, gone));
      const ask = {
        params,
        query,
        body,
        ...(known ? { refs: known.subject.refs } : {}),
        ...(removed ? { removed: true } : {}),
      };
      const alone = extension.knownBy && core.vault.fingerprint('serial', extension.knownBy(ask));
      return {
        plan: writePlanFor(connection, { kind: name }),
        customerId: known?.customerId,
        ...(alone === undefined ? {} : { serialKey: `${name}:${alone.slice(0, 32)}` }),
        ask,
      };
    },

    async accept(context, operation) {
      // Things of the provider have no id of ours: the operation stands for what it did.
      if (extension.creates) await insertRecord(context, operation, { type: name, body: {} });
    },

    async refreshAsk(core, { id }, ask) {
      if (!extension.creates) return ask;
      return { ...ask, othersIds: await core.stores.twins.ofExtension(core.database.direct, id) };
    },

    async succeeded({ core, tx, operation }, { params }, answer) {
      const created = extension.creates && (answer as Record<string, string>)[extension.creates];
      if (created) await fillRecord({ core, tx, operation }, { providerRef: created });
      const providerRef = extension.removes && params[extension.removes];
      const { id, tenantId, connectionId } = operation;
      if (providerRef)
        await core.stores.records.remember(tx, {
          id,
          tenantId,
          connectionId,
          type: name,
          providerRef,
          body: {},
        });
      await keepResult(core, tx, operation.id, answer);
    },

    ...(extension.madeAt && { pathOf: shown => `/v1/x/${provider}/${extension.madeAt!(shown)}` }),

    async view(core, _tx, operation) {
      return keptResult<object | null>(core, operation) ?? undefined;
    },
  });
