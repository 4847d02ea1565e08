import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { ConnectionState } from '#canonical';

@Entity('tenants')
export class TenantEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') slug!: string;
  @Column('text') name!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

@Entity('connections')
export class ConnectionEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') provider!: string;
  @Column('text') slug!: string;
  @Column('text', { nullable: true }) name!: string | null;
  @Column('text') baseUrl!: string;
  /** The address belongs to one merchant: connections of the tenant to it see one ledger. */
  @Column('boolean') ownSite!: boolean;
  @Column('jsonb') settings!: Record<string, unknown>;
  @Column('bytea', { nullable: true }) credentials!: Buffer | null;
  @Column('bytea', { nullable: true }) dataKey!: Buffer | null;
  @Column('text') lane!: string;
  @Column('int', { nullable: true }) requestsPerSecond!: number | null;
  @Column('text') state!: ConnectionState;
  @Column('text', { nullable: true }) stateReason!: string | null;
  @Column('jsonb', { nullable: true }) lastCheck!: Record<string, unknown> | null;
  @Column('text', { nullable: true }) pausedBy!: string | null;
  @Column('int') clockSkewMs!: number;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
  @Column('timestamptz', { nullable: true }) deletedAt!: Date | null;
}

@Entity('api_keys')
export class ApiKeyEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') name!: string;
  @Column('bytea') hash!: Buffer;
  @Column('text') prefix!: string;
  @Column('text', { array: true }) scopes!: string[];
  @Column('text', { nullable: true }) defaultConnectionId!: string | null;
  @Column('timestamptz', { nullable: true }) expiresAt!: Date | null;
  @Column('timestamptz', { nullable: true }) lastUsedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

@Entity('audit_log')
export class AuditEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') actor!: string;
  @Column('text') action!: string;
  @Column('text') subject!: string;
  @Column('jsonb') detail!: Record<string, unknown>;
  @CreateDateColumn({ type: 'timestamptz' }) at!: Date;
}
