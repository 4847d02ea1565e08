import { defineSimulator } from '#adapter-kit/testing';
import type { SimulatedAnswer, SimulatedRequest, Simulator } from '#adapter-kit/testing';
import { no, nowhere, objectOf, textIn } from './simulator/answers.js';
import { readEmbed } from './simulator/embed.js';
import { callFederation } from './simulator/federation.js';
import { authorizePage } from './simulator/oauth.js';
import type { ReccaOptions } from './simulator/options.js';
import { tenants } from './simulator/seed.js';
import { Tenant } from './simulator/tenant.js';
import { verify } from './simulator/token.js';

const targets = ['website', 'offer', 'shop', 'partner', 'storefront'];

/** Simulates Recca with two tenants: the embed API with origins, the federation API with keys, and the popup. */
class Recca implements Simulator {
  private tenants: Tenant[] = [];

  constructor(
    private readonly options: ReccaOptions,
    private readonly firstNumber: number,
  ) {}

  handle(request: SimulatedRequest): SimulatedAnswer {
    if (this.tenants.length === 0)
      this.tenants = tenants.map(
        seed => new Tenant(seed, this.options, { start: request.now, firstNumber: this.firstNumber }),
      );
    for (const tenant of this.tenants) tenant.catchUp(request.now);
    const { method, path, query } = request;
    if (method === 'GET' && path === '/oauth/authorize')
      return authorizePage(this.bySlug(query.get('client_id')), query, {
        now: request.now,
        options: this.options,
      });
    if (path.startsWith('/embed/v1/data/')) return this.embed(request);
    if (method === 'POST' && path.startsWith('/federation/v1/')) return this.federation(request);
    return nowhere;
  }

  state(): unknown {
    return this.tenants.map(({ seed, users, leads, conversions, bonuses, links }) => ({
      tenant: seed.slug,
      users: users.map(({ ub, usr, externalId, parent }) => ({ ub, usr, externalId, parent })),
      leads: leads.map(({ id, referrer, status }) => ({ id, referrer, status })),
      conversions: conversions.map(({ id, order, lead }) => ({ id, order, lead: lead.id })),
      bonuses,
      links: links.size,
    }));
  }

  private bySlug(slug: string | null): Tenant | undefined {
    return this.tenants.find(({ seed }) => seed.slug === slug);
  }

  // An origin that is not whitelisted by the tenant gets a 403 with an EMPTY Access-Control-Allow-Origin.
  private embed(request: SimulatedRequest): SimulatedAnswer {
    const { method, path, query, headers, now } = request;
    const tenant = this.bySlug(query.get('tenant'));
    const origin = headers['origin'] ?? '';
    if (!tenant?.seed.origins.includes(origin))
      return no(403, 'origin_not_allowed', 'Origin не разрешён', { 'access-control-allow-origin': '' });
    const [, what = '', id] = /^\/embed\/v1\/data\/([a-z-]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    const answer =
      method === 'POST' && what === 'referral-link' && id === undefined
        ? this.link(tenant, request)
        : method === 'GET' && id !== undefined
          ? readEmbed(what, decodeURIComponent(id), { tenant, query, now, options: this.options })
          : nowhere;
    return { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': origin } };
  }

  private link(tenant: Tenant, { headers, body, now }: SimulatedRequest): SimulatedAnswer {
    const claims = verify(/^Bearer (.+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? '');
    if (!claims || claims.exp * 1000 <= now.getTime())
      return no(401, 'token_invalid', 'Токен недействителен');
    if (claims.tenant !== tenant.seed.slug) return no(403, 'cross_tenant', 'Токен другого тенанта');
    const request = objectOf(body);
    const type = request && textIn(request, 'target_type');
    const target = request && textIn(request, 'target_id');
    if (!request || !type || !targets.includes(type) || !target)
      return no(422, 'validation_error', 'Неверная цель ссылки');
    const parameters = [
      claims.sub,
      type,
      target,
      textIn(request, 'recommendation_text'),
      textIn(request, 'promo_code'),
    ];
    const { number, reused } = tenant.link(JSON.stringify(parameters));
    const code = `${tenant.seed.slug}${number.toString(36)}`;
    const id = `dl_01HXVB${tenant.seed.slug.toUpperCase()}${number}`;
    return {
      status: 200,
      body: {
        short_url: `https://app.recca.ru/d/${code}`,
        signed_ref: `sig.${code}`,
        deeplink_id: id,
        code,
        reused,
      },
      ...(reused ? {} : { effect: { type: 'link', key: target, id } }),
    };
  }

  private federation({ path, headers, body, now }: SimulatedRequest): SimulatedAnswer {
    const key = headers['x-recca-tenant-key'] ?? '';
    const tenant = this.tenants.find(({ seed }) => key.startsWith(seed.key));
    if (!tenant) return no(401, 'invalid_tenant_key', 'Неверный ключ тенанта');
    return callFederation(path.slice('/federation/v1'.length), body, { tenant, now, options: this.options });
  }
}

/** The simulator of Recca. */
export const reccaSimulator = defineSimulator<ReccaOptions>({
  provider: 'recca',
  basePath: '',
  demo: {
    credentials: { tenantKey: 'rtk_live_demo' },
    settings: { tenant: 'agp', origin: 'https://partner-site.example.com' },
  },
  // Embed calls only name their tenant.
  credentialIn: ['x-recca-tenant-key', 'authorization', 'tenant'],
  cast: { newCustomer: { externalId: 'crm-1042', email: 'anna@example.com' } },
  create: (options = {}, firstNumber = 0) => new Recca(options, firstNumber),
});
