import { Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { BARE_PATH } from './let-old-tills-in.js';
import { UdsV1Controller } from './uds-v1.controller.js';

/** The same under the path that is compiled in, which counts under `Host: udsgame.com` alone. */
@ApiExcludeController()
@Controller(BARE_PATH)
export class UdsgameHostController extends UdsV1Controller {}
