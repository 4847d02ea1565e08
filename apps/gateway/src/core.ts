import type { Core, OpenCore } from '#outbound';

/** Injects the `Core` of outbound work: `@Inject(CORE) core: Core`. */
export const CORE = Symbol('core');

/** Injects the whole `OpenCore`, for the few who need the egress guard, the tenants or the end of it all. */
export const OPEN_CORE = Symbol('open-core');

export type { Core, OpenCore };
