import { Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import type { OpenConnection } from '#outbound';
import { CurrentConnection } from '../auth/current-connection.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { companyFor } from './company.js';
import { customerFor } from './customer.js';
import { letOldTillsIn } from './let-old-tills-in.js';
import { bookPurchase } from './purchase.js';
import { revertPurchase } from './revert.js';
import { V1Company, V1Customer, V1Operation, V1Purchase } from './shapes.js';
import { CurrentTill } from './till.js';
import type { Till } from './till.js';
import { V1Route } from './v1-route.js';

const parameter = (name: string, example?: string): MethodDecorator =>
  ApiQuery({ name, required: false, schema: { type: 'string', ...(example && { example }) } });

/** UDS Partner API v1, for programs that have it compiled in. */
@ApiTags('UDS v1 façade')
@Controller('compat/uds/v1/partner')
export class UdsV1Controller {
  constructor(
    @Inject(CORE) private readonly core: Core,
    http: HttpAdapterHost,
  ) {
    // In the constructor: in onModuleInit the routes are already registered.
    letOldTillsIn(http.httpAdapter.getInstance());
  }

  @Get('company')
  @V1Route('UDS v1: read the company’s rules', V1Company)
  company(@CurrentTill() till: Till, @CurrentConnection() connection: OpenConnection): Promise<V1Company> {
    return companyFor(this.core, till, connection);
  }

  @Get('customer')
  @V1Route('UDS v1: find a customer', V1Customer)
  @parameter('code', '123456')
  @parameter('phone')
  @parameter('uid')
  customer(@CurrentTill() till: Till, @CurrentConnection() connection: OpenConnection): Promise<V1Customer> {
    return customerFor(this.core, till, connection);
  }

  @Post('purchase')
  @V1Route('UDS v1: book a purchase', V1Purchase)
  @parameter('code', '123456')
  @parameter('phone')
  @parameter('uid')
  @parameter('total', '11')
  @parameter('cash', '11')
  @parameter('scores', '0')
  @parameter('cashierExternalId', '11112')
  @parameter('invoiceNumber', '123')
  purchase(@CurrentTill() till: Till, @CurrentConnection() connection: OpenConnection): Promise<V1Purchase> {
    return bookPurchase(this.core, till, connection);
  }

  @Post('revert/:id')
  @V1Route('UDS v1: revert a purchase', V1Operation)
  @parameter('partialAmount')
  revert(
    @CurrentTill() till: Till,
    @CurrentConnection() connection: OpenConnection,
    @Param('id') id: string,
  ): Promise<V1Operation> {
    return revertPurchase(this.core, till, connection, id);
  }
}
