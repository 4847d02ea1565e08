import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

@Entity('subscriptions')
export class SubscriptionEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') targetType!: string;
  @Column('text', { nullable: true }) url!: string | null;
  @Column('text', { nullable: true }) queueName!: string | null;
  @Column('text', { array: true }) events!: string[];
  @Column('bytea', { nullable: true }) secret!: Buffer | null;
  @Column('bytea', { nullable: true }) previousSecret!: Buffer | null;
  @Column('timestamptz', { nullable: true }) previousUntil!: Date | null;
  @Column('text') state!: string;
  @Column('text', { nullable: true }) disabledReason!: string | null;
  @Column('timestamptz', { nullable: true }) failingSince!: Date | null;
  @Column('text', { nullable: true }) pumpOwner!: string | null;
  @Column('timestamptz', { nullable: true }) pumpUntil!: Date | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date;
}

@Entity('deliveries')
export class DeliveryEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') subscriptionId!: string;
  @Column('text') eventId!: string;
  @Column('text') eventType!: string;
  @Column('text') status!: string;
  @Column('int') attempts!: number;
  @Column('timestamptz', { nullable: true }) nextAt!: Date | null;
  @Column('int', { nullable: true }) lastStatus!: number | null;
  @Column('text', { nullable: true }) lastError!: string | null;
  @Column('timestamptz', { nullable: true }) deliveredAt!: Date | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}
