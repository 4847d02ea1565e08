import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

@Entity('customers')
export class CustomerEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') connectionId!: string;
  @Column('text', { nullable: true }) externalId!: string | null;
  @Column('text', { nullable: true }) operationId!: string | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

@Entity('customer_refs')
export class CustomerRefEntity {
  @PrimaryColumn('text') connectionId!: string;
  @PrimaryColumn('text') name!: string;
  @PrimaryColumn('text') value!: string;
  @Column('text') customerId!: string;
}

@Entity('purchases')
export class PurchaseEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') connectionId!: string;
  @Column('text') operationId!: string;
  @Column('text', { nullable: true }) customerId!: string | null;
  @Column('text') merchantReference!: string;
  @Column('jsonb') receipt!: Record<string, unknown>;
  @Column('numeric') total!: string;
  @Column('text') currency!: string;
  @Column('text', { nullable: true }) locationId!: string | null;
  @Column('text', { array: true }) holdIds!: string[];
  @Column('jsonb') metadata!: Record<string, string>;
  @Column('jsonb', { nullable: true }) result!: Record<string, unknown> | null;
  @Column('jsonb') warnings!: unknown[];
  @Column('text', { nullable: true }) providerOperationId!: string | null;
  @Column('bigint', { nullable: true }) v1Alias!: string | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
}

@Entity('refunds')
export class RefundEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') connectionId!: string;
  @Column('text') purchaseId!: string;
  @Column('text') operationId!: string;
  @Column('text') merchantReference!: string;
  @Column('numeric') amount!: string;
  @Column('text') currency!: string;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('jsonb', { nullable: true }) result!: Record<string, unknown> | null;
  @Column('text', { nullable: true }) providerOperationId!: string | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

@Entity('holds')
export class HoldEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') connectionId!: string;
  @Column('text') operationId!: string;
  @Column('text', { nullable: true }) customerId!: string | null;
  @Column('text', { nullable: true }) customerLock!: string | null;
  @Column('text') guarantee!: string;
  @Column('text') state!: string;
  @Column('numeric') points!: string;
  @Column('text', { nullable: true }) locationId!: string | null;
  @Column('jsonb') providerRefs!: Record<string, string>;
  @Column('timestamptz') expiresAt!: Date;
  @Column('text', { nullable: true }) consumedBy!: string | null;
  @Column('jsonb', { nullable: true }) release!: Record<string, unknown> | null;
  @Column('text', { nullable: true }) boundTo!: string | null;
  @Column('text', { array: true }) doubtedBy!: string[];
  @Column('timestamptz', { nullable: true }) probeAt!: Date | null;
  @Column('int') probes!: number;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
}

@Entity('records')
export class RecordEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') connectionId!: string;
  @Column('text', { nullable: true }) operationId!: string | null;
  @Column('text') type!: string;
  @Column('text', { nullable: true }) customerId!: string | null;
  @Column('text', { nullable: true }) providerRef!: string | null;
  @Column('jsonb') body!: Record<string, unknown>;
  @Column('bytea', { nullable: true }) sealed!: Buffer | null;
  @Column('text', { nullable: true }) stateHash!: string | null;
  @Column('timestamptz', { nullable: true }) expiresAt!: Date | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
}
