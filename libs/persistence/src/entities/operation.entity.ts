import {
  Column,
  CreateDateColumn,
  Entity,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
} from 'typeorm';
import type { Evidence, OperationState, Outcome, Problem, RetryClass } from '#canonical';
import type { Search } from './search.js';

@Entity('operations')
export class OperationEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') connectionId!: string;
  @Column('text') kind!: string;
  @Column('text') lane!: string;
  @Column('text') laneClass!: 'interactive' | 'write' | 'bulk';
  @Column('text') retryClass!: RetryClass;
  @Column('text') resourceType!: string;
  @Column('text') resourceId!: string;
  @Column('text', { nullable: true }) merchantReference!: string | null;
  @Column('text') contentHash!: string;
  @Column('text') state!: OperationState;
  @Column('text') outcome!: Outcome;
  @Column('text') evidence!: Evidence;
  @Column('int') fence!: number;
  @Column('int') attempts!: number;
  @Column('text', { nullable: true }) owner!: string | null;
  @Column('timestamptz', { nullable: true }) leaseUntil!: Date | null;
  @Column('timestamptz', { nullable: true }) wakeAt!: Date | null;
  @Column('timestamptz', { nullable: true }) expiresAt!: Date | null;
  @Column('text', { nullable: true }) customerLock!: string | null;
  @Column('boolean') spend!: boolean;
  @Column('text', { nullable: true }) serialKey!: string | null;
  @Column('uuid') nonce!: string;
  @Column('bytea', { nullable: true }) ask!: Buffer | null;
  @Column('bytea', { nullable: true }) steps!: Buffer | null;
  @Column('boolean') writeSent!: boolean;
  @Column('timestamptz', { nullable: true }) firstSentAt!: Date | null;
  @Column('timestamptz', { nullable: true }) lastSentAt!: Date | null;
  @Column('int') repeats!: number;
  @Column('jsonb', { nullable: true }) reconcile!: Search | null;
  @Column('jsonb', { nullable: true }) problem!: Problem | null;
  @Column('jsonb', { nullable: true }) result!: Record<string, unknown> | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
  @Column('timestamptz', { nullable: true }) finishedAt!: Date | null;
}

@Entity('operation_events')
export class OperationEventEntity {
  @PrimaryGeneratedColumn('increment', { type: 'bigint' }) id!: string;
  @Column('text') operationId!: string;
  @Column('text') tenantId!: string;
  @CreateDateColumn({ type: 'timestamptz' }) at!: Date;
  @Column('text') state!: string;
  @Column('jsonb') detail!: Record<string, unknown>;
}

@Entity('idempotency_keys')
export class IdempotencyKeyEntity {
  @PrimaryColumn('text') tenantId!: string;
  @PrimaryColumn('text') key!: string;
  @Column('text') fingerprint!: string;
  @Column('text', { nullable: true }) operationId!: string | null;
  @Column('int', { nullable: true }) status!: number | null;
  @Column('text', { nullable: true }) location!: string | null;
  @Column('bytea', { nullable: true }) body!: Buffer | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}
