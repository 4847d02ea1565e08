import { Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { BARE_PATH } from './let-old-tills-in.js';
import { UdsV1Controller } from './uds-v1.controller.js';

/** The same under the compiled-in path, only for `Host: udsgame.com`. */
@ApiExcludeController()
@Controller(BARE_PATH)
export class UdsgameHostController extends UdsV1Controller {}
