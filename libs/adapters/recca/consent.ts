import { queryString } from '#adapter-kit';
import type { Consent } from '#adapter-kit';
import type { ReccaSettings } from './settings.js';

/** The popup in which an end user allows us to create links on their behalf. */
export const consent: Consent<ReccaSettings> = {
  authorizeUrl: ({ baseUrl, settings, state, scope = 'profile:read' }) =>
    `${baseUrl.replace(/\/+$/, '')}/oauth/authorize${queryString({
      client_id: settings.clientId ?? settings.tenant,
      // As documented, although the message contains a token and not a code.
      response_type: 'code',
      scope,
      state,
      popup: '1',
    })}`,
  origin: baseUrl => new URL(baseUrl).origin,
  messageType: 'recca:auth-success',
};
