import type { ErrorCode, Refusal } from '#canonical';

// Nothing that we send changes these: the first copy would have been refused for them as well.
const ownCauses: ErrorCode[] = ['connection-credentials-invalid', 'connection-account-inactive'];

/** Whether Recca may have refused only the second copy of our request (a proxy repeated it), because of what the first one did. */
export const mayBeAboutCopy = ({ code, members: { provider } }: Refusal): boolean =>
  provider !== undefined && !ownCauses.includes(code);

const otherReasons = ['WINDOW_EXPIRED', 'PARTNER_NOT_ACTIVE'];

/** Whether it refused what is there already: the very thing that was sent may be, since it came twice or was taken for lost. */
export function isConflict({ members: { provider } }: Refusal): boolean {
  const { code = '', status } = provider ?? {};
  return code === 'known-already' || code === 'http-409' || (status === 409 && !otherReasons.includes(code));
}
