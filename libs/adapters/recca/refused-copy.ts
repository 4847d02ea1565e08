import type { ErrorCode, Refusal } from '#canonical';

// Nothing that we send changes these: the first copy would have been refused for them as well.
const ownCauses: ErrorCode[] = ['connection-credentials-invalid', 'connection-account-inactive'];

/** Whether Recca may have refused only the second copy of our request (a proxy repeated it), because of what the first one did. */
export const mayBeAboutCopy = ({ code, members: { provider } }: Refusal): boolean =>
  provider !== undefined && !ownCauses.includes(code);

// A sale gives its lead the state that they name; so may a lead that came twice.
const ofItsState = ['ALREADY_CONVERTED', 'ILLEGAL_TRANSITION'];
const conflicts = ['known-already', 'http-409', ...ofItsState];

/** Whether a sale was refused because of the state of its lead. */
export const isOfItsState = ({ members: { provider } }: Refusal): boolean =>
  ofItsState.includes(provider?.code ?? '');

/** Whether it refused what is there already: the very thing that was sent may be, since it came twice or was taken for lost. */
export const isConflict = ({ members: { provider } }: Refusal): boolean =>
  conflicts.includes(provider?.code ?? '');
