import { ApiProperty } from '@nestjs/swagger';
import { Check, IsFlag, IsText, IsWhole } from './fields.js';
import { IsAnything, IsPart } from './parts.js';
import { IsMoney, Money } from './money.js';
import { list, part } from './rules.js';

/** One person of a referral tree. */
export class TreeNode {
  @IsText({ example: 'ub_17', description: 'The person’s id at the provider.' })
  customerRef!: string;

  @IsText({ optional: true, min: 0, example: 'Anna P.' })
  displayName?: string;

  @IsWhole({ min: 0, description: 'Number of levels below the root.', example: 1 })
  depth!: number;

  @IsText({ nullable: true, description: 'The inviter; null for the root.', example: 'ub_1' })
  parentRef!: string | null;
}

/** The referral tree below one person. */
export class Tree {
  @IsPart(() => TreeNode)
  root!: TreeNode;

  @ApiProperty({
    description: '`levels[0]` contains only the root, `levels[n]` everyone at depth n.',
    type: 'array',
    items: { type: 'array', items: { $ref: '#/components/schemas/TreeNode' } },
    example: [],
  })
  @Check('levels', list({}, list({}, part)))
  levels!: TreeNode[][];

  @IsWhole({
    optional: true,
    min: 0,
    description: 'The number of people below the root; may be more than the tree lists.',
    example: 12,
  })
  totalDownline?: number;

  @IsFlag({ description: 'Whether there are more people below `maxDepth`.', example: false })
  truncated!: boolean;

  @IsWhole({ min: 0, description: 'The depth down to which the tree was read.', example: 3 })
  maxDepth!: number;

  @IsAnything({ description: 'The provider’s answer, redacted; with `?include=raw`.' })
  raw?: unknown;
}

/** A referral partner. */
export class Partner {
  @IsText({ example: 'ub_17', description: 'The person’s id at the provider.' })
  customerRef!: string;

  @IsText({ optional: true, min: 0, example: 'Anna P.' })
  displayName?: string;

  @IsText({ optional: true, min: 0, example: 'ambassador' })
  role?: string;

  @IsText({ optional: true, min: 0, example: '2024-03-01' })
  joinedAt?: string;

  @IsFlag({ optional: true, example: true, description: 'Absent if the provider does not supply it.' })
  active?: boolean;
}

/** Totals of the referral programme, of one customer or of the whole account. */
export class ReferralSummary {
  @IsWhole({ optional: true, min: 0, example: 4 })
  leadsCount?: number;

  @IsMoney({ optional: true, description: 'Earned and confirmed.' })
  cleared?: Money;

  @IsMoney({ optional: true, description: 'Earned and not confirmed yet.' })
  pending?: Money;

  @IsMoney({ optional: true, description: 'Available for payout.' })
  balance?: Money;

  @IsAnything({ description: 'The provider’s answer, redacted; with `?include=raw`.' })
  raw?: unknown;
}
