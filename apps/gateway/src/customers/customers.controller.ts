import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import {
  BalanceAdjustment,
  BalanceAdjustmentCreate,
  Customer,
  CustomerCreate,
  CustomersQuery,
  IsPart,
  LookupRequest,
  Operation,
  ReadQuery,
  Transaction,
  TransactionTotals,
  TransactionsQuery,
  bodyExamples,
  providerListOf,
} from '#canonical';
import type { List } from '#canonical';
import {
  forgetCustomer,
  kinds,
  listCustomers,
  listTransactions,
  lookUpCustomer,
  readCustomer,
} from '#outbound';
import type { OpenConnection } from '#outbound';
import type { StoredCustomer } from '#persistence';
import { auditRow } from '../audit/audit.js';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { ConnectionResolver } from '../auth/connection-resolver.js';
import { CurrentConnection, NamedConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import type { Answer } from '../http/answer.js';
import { found } from '../http/found.js';
import { CurrentIntent, submitted } from '../http/intent.js';
import type { Intent } from '../http/intent.js';
import { ProviderLists } from '../http/provider-lists.js';
import { CurrentAsk } from '../http/provider-read.js';
import type { Asked } from '../http/provider-read.js';
import { withRaw } from '../http/raw.js';

class CustomerList extends providerListOf(Customer) {}
class TransactionList extends providerListOf(Transaction) {
  @IsPart(() => TransactionTotals, { optional: true })
  totals?: TransactionTotals;
}

@ApiTags('Customers')
@Controller('v1/customers')
export class CustomersController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly resolver: ConnectionResolver,
    private readonly lists: ProviderLists,
  ) {}

  @Post('lookup')
  @Scopes('loyalty:read')
  @ApiBody({ type: LookupRequest, examples: bodyExamples.LookupRequest })
  @Answers('Find a customer by what was shown at the till', { 200: Customer }, [
    'customer-not-found',
    'customer-blocked',
    'location-unknown',
    'hold-expired',
    'state-conflict',
    'capability-not-supported',
  ])
  lookup(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: LookupRequest,
    @Query() { include }: ReadQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<Customer> {
    return withRaw(connection, include, seen =>
      lookUpCustomer(this.core, connection, body, { ...asked, seen }),
    );
  }

  @Post()
  @Scopes('loyalty:write')
  @ApiBody({ type: CustomerCreate, examples: bodyExamples.CustomerCreate })
  @Answers('Create or update a customer', { 201: Customer, 202: Operation }, [
    'unsupported-field',
    'capability-not-supported',
  ])
  create(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: CustomerCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return submitted(this.core, { kind: kinds.createCustomer, connection, body, params: {} }, intent);
  }

  @Get()
  @Scopes('loyalty:read')
  @Answers('List the provider’s customers', { 200: CustomerList }, ['capability-not-supported'])
  list(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: CustomersQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<Customer>> {
    return this.lists.page({ ...asked, connection, list: 'customers' }, query, (wish, terms) =>
      listCustomers(this.core, connection, wish, terms),
    );
  }

  @Get(':id')
  @Scopes('loyalty:read')
  @Answers('Read a customer at the provider', { 200: Customer }, [
    'location-unknown',
    'capability-not-supported',
  ])
  async read(
    @NamedConnection() named: string | undefined,
    @Param('id') id: string,
    @Query() { include }: ReadQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<Customer> {
    const connection = await this.#connectionOf(asked, named, id);
    return withRaw(connection, include, seen => readCustomer(this.core, connection, id, { ...asked, seen }));
  }

  @Get(':id/transactions')
  @Scopes('loyalty:read')
  @Answers('List a customer’s transactions', { 200: TransactionList }, ['capability-not-supported'])
  async transactions(
    @NamedConnection() named: string | undefined,
    @Param('id') customerId: string,
    @Query() query: TransactionsQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<Transaction>> {
    const connection = await this.#connectionOf(asked, named, customerId);
    const place = { ...asked, connection, list: `transactions ${customerId}` };
    return this.lists.page(place, query, (wish, terms) =>
      listTransactions(this.core, connection, { ...wish, customerId }, terms),
    );
  }

  @Post(':id/balance-adjustments')
  @Scopes('loyalty:write')
  @Answers('Change a customer’s balance', { 201: BalanceAdjustment, 202: Operation }, [
    'capability-not-supported',
  ])
  async adjust(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Param('id') customerId: string,
    @Body() body: BalanceAdjustmentCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    const { connectionId } = await this.#known(caller, customerId);
    const connection = await this.resolver.forResource(caller, { named, connectionId }, intent);
    return submitted(
      this.core,
      { kind: kinds.adjustBalance, connection, body, params: { customerId } },
      intent,
    );
  }

  @Delete(':id')
  @Scopes('loyalty:write')
  @Answers('Erase a customer: the provider’s references are deleted, bookings are kept', { 204: null }, [
    'state-conflict',
  ])
  async forget(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Param('id') id: string,
  ): Promise<void> {
    const customer = await this.#known(caller, id);
    const { connectionId } = customer;
    await this.resolver.agree(caller, named, connectionId);
    await forgetCustomer(this.core, customer, auditRow(caller, { action: 'customer.forgotten', id }));
    this.lists.forget(connectionId);
  }

  async #connectionOf(asked: Asked, named: string | undefined, id: string): Promise<OpenConnection> {
    const { connectionId } = await this.#known(asked.caller, id);
    return this.resolver.forResource(asked.caller, { named, connectionId }, asked);
  }

  async #known({ tenantId }: Caller, id: string): Promise<StoredCustomer> {
    const { database, stores } = this.core;
    return found(await stores.customers.find(database.direct, tenantId, id));
  }
}
