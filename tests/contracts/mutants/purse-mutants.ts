import { mutantsOf, type Mutant } from './mutant.ts';

const purse = mutantsOf('purse.tolk');
const storage = mutantsOf('storage.tolk');
const messages = mutantsOf('messages.tolk');

/** An owner's messages, money that comes in, and the get-methods. */
export const OWNER_MUTANTS: Mutant[] = [
	purse('anybody is the owner', '    assert (sender == config.owner) throw Refusal.NotOwner;\n'),
	purse(
		'the reserve can be withdrawn at once',
		'(purse.isReserveFree() ? 0 as coins : reserve)',
		'0'
	),
	purse(
		'the reserve can never be withdrawn',
		'(purse.isReserveFree() ? 0 as coins : reserve)',
		'reserve'
	),
	purse('the rent can be withdrawn', 'val kept = rentNano() + (', 'val kept = ('),
	purse('what a message brings counts as free', '- in.valueCoins - kept', '- kept'),
	purse('a withdrawal has no upper limit', ' & (amount <= free))', ')'),
	purse('a withdrawal of nothing passes', '((amount > 0) & (amount', '((amount >= 0) & (amount'),
	purse(
		'a withdrawal keeps the change',
		'amount, SEND_MODE_CARRY_ALL_REMAINING_MESSAGE_VALUE',
		'amount, SEND_MODE_REGULAR'
	),
	purse('an amount of 0 is no word for all', 'msg.amount == 0 ? free : msg.amount', 'msg.amount'),
	purse('a second Unlock begins anew', 'if ((purse.unlockAt == 0) | (unlockAt == 0))', 'if (true)'),
	purse(
		'Lock does nothing',
		'if ((purse.unlockAt == 0) | (unlockAt == 0))',
		'if (purse.unlockAt == 0)'
	),
	purse('the wait is a minute short', 'UNLOCK_WAIT_SECONDS = 3600', 'UNLOCK_WAIT_SECONDS = 3540'),
	storage('an hour that just began is over', '& (self.unlockAt <= blockchain.now())', ''),
	storage('a locked purse is free', '(self.unlockAt != 0) & ', ''),
	storage(
		'the hour ends a second late',
		'self.unlockAt <= blockchain.now()',
		'self.unlockAt < blockchain.now()'
	),
	purse(
		'closing needs no wait',
		'            assert (purse.isReserveFree()) throw PurseRefusal.ReserveLocked;\n'
	),
	purse(
		'closing forgets valid ids',
		'            assert (blockchain.now() / DAY_SECONDS >= purse.day + 2) throw PurseRefusal.IdsStillValid;\n'
	),
	purse('closing forgets a day early', '>= purse.day + 2)', '>= purse.day + 1)'),
	purse('closing leaves the account', ' | SEND_MODE_DESTROY', ''),
	messages(
		'unknown messages are swallowed',
		'    assert (body.isEmpty() | isComment) throw Refusal.UnknownMessage;\n'
	),
	messages('comments are refused', 'body.isEmpty() | isComment', 'body.isEmpty()'),
	messages('transfers without a body are refused', 'body.isEmpty() | isComment', 'isComment'),
	purse('free money includes the reserve', '- rentNano() - config.reserve,', '- rentNano(),'),
	purse(
		'today’s ids are not found',
		'return purse.today.exists(id) | purse.tomorrow.exists(id)',
		'return purse.tomorrow.exists(id)'
	),
	purse(
		'tomorrow’s ids are not found',
		'return purse.today.exists(id) | purse.tomorrow.exists(id)',
		'return purse.today.exists(id)'
	)
];
