import { All, Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Refusal } from '#canonical';
import { Scopes } from '../auth/scopes.js';
import { KeyHeader, ProblemBody } from '../http/route-options.js';
import { BARE_PATH, KEY_HEADER } from './let-old-tills-in.js';
import { v1Error } from './v1-error.js';
import { InRussian } from './v1-route.js';

/** Unknown paths and methods of the façade, refused in v1 format, the only one that old tills read. */
@ApiExcludeController()
@Controller(['compat/uds/v1', BARE_PATH])
export class NoSuchCallController {
  @All('*')
  @Scopes('compat')
  @KeyHeader(KEY_HEADER)
  @ProblemBody(v1Error)
  @InRussian()
  refuse(): never {
    throw new Refusal('not-found', { detail: 'The façade has no such path, or the method is wrong.' });
  }
}
