import type { components, paths } from './schema.js';

/** Every route of the gateway, as the OpenAPI document describes it; the raw client is typed by it. */
export type GatewayPaths = paths;
/** Every body of the OpenAPI document by its name there: `GatewaySchemas['Quote']`. */
export type GatewaySchemas = components['schemas'];

/** Why the gateway refused (RFC 9457); `userMessage` is safe for the cashier's screen. */
export type Problem = GatewaySchemas['Problem'];
/** A write and its state, while it runs and afterwards. */
export type Operation = GatewaySchemas['Operation'];
/** A sale at a provider. */
export type Purchase = GatewaySchemas['Purchase'];
/** The input of a purchase; `merchantReference` is the merchant's own id for it. */
export type PurchaseCreate = GatewaySchemas['PurchaseCreate'];
/** A full or partial refund of a sale. */
export type Refund = GatewaySchemas['Refund'];
/** The input of a refund; without an amount, everything that is left is refunded. */
export type RefundCreate = GatewaySchemas['RefundCreate'];
/** Points reserved for a sale in progress. */
export type Hold = GatewaySchemas['Hold'];
/** The input of a hold. */
export type HoldCreate = GatewaySchemas['HoldCreate'];
/** The input of a release. */
export type HoldRelease = GatewaySchemas['HoldRelease'];

type KeyedPost = { post: { parameters: { header: { 'Idempotency-Key': string } } } };

/** The routes whose POST needs an Idempotency-Key, which this client creates and keeps. */
export type WritePath = {
  [Path in keyof GatewayPaths]: GatewayPaths[Path] extends KeyedPost ? Path : never;
}[keyof GatewayPaths];

type PostOf<Path extends WritePath> = GatewayPaths[Path]['post'];
type JsonOf<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body : never;
type AnswersOf<Path extends WritePath> = PostOf<Path> extends { responses: infer Answers } ? Answers : never;

/** The request body of a write. */
export type WriteBody<Path extends WritePath> =
  PostOf<Path> extends { requestBody?: { content: { 'application/json': infer Body } } } ? Body : undefined;
/** The ids in a write's path: `{ id: string }`, or nothing. */
export type WriteParams<Path extends WritePath> =
  PostOf<Path> extends { parameters: { path: infer Params } } ? Params : undefined;
/** The resource that a write creates. */
export type WriteResource<Path extends WritePath> = JsonOf<
  AnswersOf<Path>[keyof AnswersOf<Path> & (200 | 201)]
>;
