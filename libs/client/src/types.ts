import type { components, paths } from './schema.js';

/** Every route of the gateway, as the OpenAPI document describes it; the raw client is typed by it. */
export type GatewayPaths = paths;
/** Every body of the OpenAPI document by its name there: `GatewaySchemas['Quote']`. */
export type GatewaySchemas = components['schemas'];

/** Why the gateway refused, RFC 9457; `userMessage` is safe for the cashier's screen. */
export type Problem = GatewaySchemas['Problem'];
/** What became of a write, while it runs and afterwards. */
export type Operation = GatewaySchemas['Operation'];
/** A sale at a provider. */
export type Purchase = GatewaySchemas['Purchase'];
/** What a sale is made of; `merchantReference` is the merchant's own id of it. */
export type PurchaseCreate = GatewaySchemas['PurchaseCreate'];
/** A sale, or a part of one, given back. */
export type Refund = GatewaySchemas['Refund'];
/** What a refund is made of; without an amount all that is left. */
export type RefundCreate = GatewaySchemas['RefundCreate'];
/** Points kept for a sale that is going on. */
export type Hold = GatewaySchemas['Hold'];
/** What a hold is made of. */
export type HoldCreate = GatewaySchemas['HoldCreate'];
/** Why a hold is given up. */
export type HoldRelease = GatewaySchemas['HoldRelease'];

type KeyedPost = { post: { parameters: { header: { 'Idempotency-Key': string } } } };

/** The routes whose POST needs an Idempotency-Key, which this client mints and keeps. */
export type WritePath = {
  [Path in keyof GatewayPaths]: GatewayPaths[Path] extends KeyedPost ? Path : never;
}[keyof GatewayPaths];

type PostOf<Path extends WritePath> = GatewayPaths[Path]['post'];
type JsonOf<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body : never;
type AnswersOf<Path extends WritePath> = PostOf<Path> extends { responses: infer Answers } ? Answers : never;

/** The body that a write takes. */
export type WriteBody<Path extends WritePath> =
  PostOf<Path> extends { requestBody?: { content: { 'application/json': infer Body } } } ? Body : undefined;
/** The ids in a write's path: `{ id: string }`, or nothing. */
export type WriteParams<Path extends WritePath> =
  PostOf<Path> extends { parameters: { path: infer Params } } ? Params : undefined;
/** What a write makes. */
export type WriteResource<Path extends WritePath> = JsonOf<
  AnswersOf<Path>[keyof AnswersOf<Path> & (200 | 201)]
>;
