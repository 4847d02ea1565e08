import { Refusal } from '#canonical';
import type { LinkAsk, LinkData } from '#canonical';
import { defineExchange } from '#adapter-kit';
import { bodyOf } from './body.js';
import { userErrors } from './refusal.js';

/** Creates a link on behalf of an end user, with their token; Recca returns the same link for the same parameters. */
export const createLink = defineExchange<LinkAsk, LinkData>({
  name: 'create-link',
  call: 'POST /embed/v1/data/referral-link',
  retryClass: 'absolute',
  errors: userErrors,
  request: ({ userToken, target, recommendationText, promoCode }) => {
    if (!userToken)
      throw new Refusal('end-user-token-invalid', {
        detail: 'Recca creates links on behalf of a person: open a consent session for this customer first.',
      });
    return {
      method: 'POST',
      path: '/embed/v1/data/referral-link',
      json: {
        target_type: target.type,
        target_id: target.id,
        ...(recommendationText !== undefined && { recommendation_text: recommendationText }),
        ...(promoCode !== undefined && { promo_code: promoCode }),
      },
      scheme: 'user',
      bearer: userToken,
    };
  },
  read: answer => {
    const body = bodyOf(answer);
    return {
      shortUrl: body.at('short_url').needText(),
      code: body.at('code').text(),
      signedRef: body.at('signed_ref').text(),
      providerRef: body.at('deeplink_id').text(),
      // Unless Recca says that the link is an old one, it counts as new: nothing depends on it, and the link is valid.
      reused: body.at('reused').flag() === true,
    };
  },
});
