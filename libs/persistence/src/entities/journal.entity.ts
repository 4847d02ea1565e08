import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity('provider_calls')
export class ProviderCallEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') connectionId!: string;
  @Column('text', { nullable: true }) operationId!: string | null;
  @Column('text') exchange!: string;
  @Column('text') method!: string;
  @Column('text') url!: string;
  @Column('int', { nullable: true }) status!: number | null;
  @Column('text') outcome!: string;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('numeric', { nullable: true }) durationMs!: string | null;
  @Column('jsonb', { nullable: true }) request!: Record<string, unknown> | null;
  @Column('jsonb', { nullable: true }) response!: Record<string, unknown> | null;
  @CreateDateColumn({ type: 'timestamptz' }) at!: Date;
}

@Entity('events')
export class EventEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text', { nullable: true }) connectionId!: string | null;
  @Column('text') type!: string;
  @Column('text') resourceType!: string;
  @Column('text') resourceId!: string;
  @Column('int') sequence!: number;
  @Column('jsonb') data!: Record<string, unknown>;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Column('timestamptz', { nullable: true }) fannedOutAt!: Date | null;
}
