import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../auth/scopes.js';

/** Whoever opens the address alone is led to the playground. */
@ApiExcludeController()
@Controller()
export class FrontController {
  @Get()
  @Public()
  @Redirect('docs')
  lead(): void {}
}
