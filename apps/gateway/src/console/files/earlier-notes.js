// Sentences of earlier versions that are still stored in rows, each with its present wording in `notes.js`.
export const earlier = {
  'Its time is over: if it was made, it has ended by itself, and nothing of it is held any more.':
    'Its time is up: if the hold was created, it has expired by itself, and no points are held any longer.',
  'What was found is, or may be, the effect of another operation; it proves nothing for this one.':
    'What was found belongs, or may belong, to another operation, so it proves nothing about this one.',
  'Another write of this customer left during the look.':
    'Another write for this customer was sent during the look-up.',
  'the look broke': 'The look-up failed with an internal error.',
  'another spend of this customer runs': 'another spend of this customer is in progress',
  'No connection stood within … ms.': 'No connection was established within … ms.',
  'No whole answer came within … ms.': 'No complete answer arrived within … ms.',
  '`undocumentedCalls` is off: the ledger of UDS cannot be read.':
    '`undocumentedCalls` is off, so the UDS ledger cannot be read.',
  'The ledger cannot be read: …': 'The ledger could not be read: …',
  'An operation fits, but was written before ours was sent.':
    'A matching operation was found, but it was recorded before ours was sent.',
  'The operation is there, but UDS does not tell its figures.':
    'The operation was found, but UDS did not return its amounts.',
  'Several operations bear this receipt number and total.':
    'Several operations have this receipt number and total.',
  'It may be the effect of another purchase with this receipt number and total, whose answer was lost as well.':
    'The operation found may belong to another purchase with this receipt number and total, whose answer was also lost.',
  'UDS answered the repeat with an operation of other figures, which no look can find.':
    'UDS answered the repeated request with an operation that has different amounts, so no look-up can find it.',
  'More operations since than can be read.':
    'There have been too many operations since then to read them all.',
  'An operation may be this one: its receipt number and total do not contradict, or its number is ours and only the total another, and its customer is not another.':
    'An operation may be this one: nothing in its customer, receipt number and total rules it out, or only the total differs.',
  'The repeat was not answered.': 'The repeated request got no answer.',
  'The campaign had offers before, and none is listed now.':
    'The campaign had offers before, but none are listed now.',
  'Several reversals of this purchase are new.': 'There are several new reversals of this purchase.',
  'The purchase is cancelled, its reversal is not in sight.':
    'The purchase is cancelled, but its reversal was not found.',
  'A new reversal of this purchase has another amount.':
    'There is a new reversal of this purchase, but its amount differs.',
  'A new reversal has this amount, but does not say of what.':
    'There is a new reversal of this amount, but it does not name its purchase.',
  'A reversal fits, but was written before ours was sent.':
    'A matching reversal was found, but it was recorded before ours was sent.',
  'LoyalClient cannot be asked for a hold; if it was made, it ends by itself after its duration.':
    'LoyalClient has no call that shows a hold; if this one was created, it expires by itself.',
  'Another purchase, hold or release of this client may have moved the balance meanwhile.':
    'Another purchase, hold or release for this client may have changed the balance in the meantime.',
  'A discount moves no balance, so nothing shows whether it was booked.':
    'A discount does not change the balance, so the balance does not show whether the purchase was booked.',
  'LoyalClient does not tell the balance now.': 'LoyalClient did not return the balance.',
  'LoyalClient refused the look: ….': 'LoyalClient refused the look-up: ….',
  'The purchase earns nothing, so no balance shows it.':
    'The purchase earns no points, so the balance does not show it.',
  'No balance is to be seen.':
    'The balance was 0 before and after, perhaps because LoyalClient does not show it for this level.',
  'Nobody noted which leads there were before.': 'The leads that existed before were not recorded.',
  'There are new leads, and none that is surely this one.':
    'There are new leads, but none of them is certainly this one.',
  'Nobody knows whose lead this is.': 'It is not known whose lead this is.',
  'The lead had been converted before, so that its state tells nothing.':
    'The lead had already been converted, so its state proves nothing.',
  'There are too many converted leads to look through, or one that cannot be read.':
    'There are too many converted leads to check, or one of them could not be read.',
  'Nobody noted which offers there were before.': 'The offers that existed before were not recorded.',
  'More than one new offer fits.': 'More than one new offer matches.',
  'A new offer has nearly this address and text.': 'A new offer has almost the same address and text.',
  'Recreativ does not tell the balance now.': 'Recreativ did not return the balance.',
  'Nobody noted which accounts there were before.': 'The accounts that existed before were not recorded.',
  'More than one new account fits.': 'More than one new account matches.',
  'A new account has this login or this address, not both.':
    'A new account has this login or this e-mail address, but not both.',
  'More than one new payout fits.': 'More than one new payout matches.',
  'Nobody noted which payouts there were before.': 'The payouts that existed before were not recorded.',
  'There is a new payout by this method to an account written otherwise.':
    'There is a new payout by this method, but its account is written differently.',
  'The balance is gone; no payout is listed.': 'The balance is empty, but no payout is listed.',
  'The request got lost: the provider has no trace of it. Nothing was executed; send it again with a new Idempotency-Key (the merchantReference is free).':
    'The request was lost: the provider has no record of it. Nothing was executed; send it again with a new Idempotency-Key (the same merchantReference can be used).',
  'Another spend of this customer (…) has an unknown outcome; settle it first: GET …. Nothing was sent.':
    'An earlier spend of this customer (…) has an unknown outcome, which must be resolved first: GET …. Nothing was sent.',
};
