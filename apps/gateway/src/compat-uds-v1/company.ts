import { NO_CURRENCY } from '#canonical';
import { supportFor } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Core } from '../core.js';
import { companyNumber } from './numbers.js';
import { marketingOf, programOf } from './marketing.js';
import type { V1Company } from './shapes.js';
import type { Till } from './till.js';

/** `GET company`: the programme's rules. */
export async function companyFor(core: Core, till: Till, connection: OpenConnection): Promise<V1Company> {
  const program = await programOf(core, till, connection);
  const { by } = supportFor(connection, 'lookupCustomer').traits;
  return {
    promoCode: program.joinCode ?? null,
    // v1 has two policies; where both apply the till assumes points, and the provider corrects it.
    baseDiscountPolicy: program.policy === 'discount' ? 'APPLY_DISCOUNT' : 'CHARGE_SCORES',
    currency: program.currency ?? NO_CURRENCY,
    id: companyNumber(core, connection),
    purchaseByPhone: program.purchaseByPhone ?? by.phone === true,
    marketingSettings: marketingOf(program),
    name: program.name ?? null,
  };
}
