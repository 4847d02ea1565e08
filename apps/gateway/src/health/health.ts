import { IsChoice } from '#canonical';

/** How a process is. */
export class Health {
  @IsChoice(['ok'], { example: 'ok' })
  status!: 'ok';
}
