import { mutantsOf, type Mutant } from './mutant.ts';

const purse = mutantsOf('purse.tolk');
const storage = mutantsOf('storage.tolk');
const ticket = mutantsOf('ticket.tolk');
const fees = mutantsOf('fees.tolk');

const assertion = (name: string, line: string): Mutant => purse(name, `    ${line}\n`);

/** What a redemption checks before it is accepted. */
export const CHECK_MUTANTS: Mutant[] = [
	assertion(
		'a StateInit may come along',
		'assert (attachedStateInit() == null) throw PurseRefusal.StateInitAttached;'
	),
	purse(
		'everything is accepted first',
		'    redeem(body, contract.getOriginalBalance() +',
		'    acceptExternalMessage();\n    redeem(body, contract.getOriginalBalance() +'
	),
	assertion(
		'the network is not checked',
		'assert (ticket.network == networkId()) throw PurseRefusal.WrongNetwork;'
	),
	assertion(
		'the purse is not checked',
		'assert (ticket.purse == contract.getAddress()) throw PurseRefusal.WrongPurse;'
	),
	assertion(
		'losers are paid',
		'assert (isWinning(message.secret, id, ticket.odds)) throw PurseRefusal.LosingTicket;'
	),
	ticket('odds are half of what they say', '>> 192) < odds', '>> 191) < odds'),
	ticket(
		'the draw leaves out the id',
		'hashTwo(secret, id) >> 192',
		'hashTwo(secret, secret) >> 192'
	),
	assertion(
		'tickets never expire',
		'assert (expires >= blockchain.now()) throw PurseRefusal.Expired;'
	),
	purse(
		'tickets expire a second early',
		'expires >= blockchain.now()',
		'expires > blockchain.now()'
	),
	assertion(
		'tickets may be valid for years',
		'assert (lastDay <= today + 1) throw PurseRefusal.ExpiresTooLate;'
	),
	purse('tickets may be valid a day longer', 'lastDay <= today + 1', 'lastDay <= today + 2'),
	assertion(
		'any secret fits',
		'assert (proofs.commit == hashOne(message.secret)) throw PurseRefusal.WrongSecret;'
	),
	assertion(
		'any key is safe',
		'    assert (isSafeKey(config.sessionKey)) throw PurseRefusal.UnsafeKey;'
	),
	ticket('keys that end in zeros are safe', '(tail != 0x80) & ', ''),
	ticket('keys that end in ones are safe', '(tail != (1 << 128) - 1)\n        & ', ''),
	ticket(
		'one key of order 8 is safe',
		'\n        & (tail != 0xd5dfac05d3c63339b13802886d53fc85)',
		''
	),
	ticket(
		'the other key of order 8 is safe',
		'\n        & (tail != 0x2a2053fa2c39ccc64ec7fd7792ac03fa)',
		''
	),
	ticket('the sign of x hides an unsafe key', '(key | 0x80) & ((1', 'key & ((1'),
	assertion(
		'signatures are not checked',
		'assert (isSignatureValid(id, message.signature as slice, config.sessionKey)) throw PurseRefusal.WrongSignature;'
	),
	assertion(
		'any face value passes',
		'assert (faceValue * RESERVE_FACE_VALUES <= config.reserve) throw PurseRefusal.FaceValueTooHigh;'
	),
	purse(
		'the reserve need hold three face values only',
		'RESERVE_FACE_VALUES = 4',
		'RESERVE_FACE_VALUES = 3'
	),
	assertion(
		'a winner is paid twice',
		'assert (!(isForToday ? purse.today : purse.tomorrow).exists(id)) throw PurseRefusal.AlreadyRedeemed;'
	),
	purse(
		'replays are looked for in the wrong set',
		'isForToday ? purse.today : purse.tomorrow',
		'isForToday ? purse.tomorrow : purse.today'
	),
	assertion(
		'a day has no limit',
		'assert (purse.paidToday < MAX_PAID_A_DAY) throw PurseRefusal.TooManyPaid;'
	),
	purse(
		'the limit of a day is one more',
		'paidToday < MAX_PAID_A_DAY',
		'paidToday <= MAX_PAID_A_DAY'
	),
	assertion('a poor purse pays too', 'assert (spare >= 0) throw PurseRefusal.NotCovered;'),
	purse(
		'the rent is paid out',
		'val spare = balance - rentNano() - faceValue',
		'val spare = balance - faceValue'
	),
	assertion(
		'any small face value passes',
		'assert (!isExternal | (faceValue >= faceValueFloorNano())) throw PurseRefusal.FaceValueTooLow;'
	),
	purse(
		'wallets cannot redeem small face values',
		'!isExternal | (faceValue',
		'false | (faceValue'
	),
	fees('the floor is half as high', 'return 2 * calculateGasFee', 'return calculateGasFee'),
	purse(
		'a body may be longer',
		'{ throwIfOpcodeDoesNotMatch: Refusal.UnknownMessage as int }',
		'{ throwIfOpcodeDoesNotMatch: Refusal.UnknownMessage as int, assertEndAfterReading: false }'
	),
	purse(
		'a ticket may be longer',
		'message.ticket.load()',
		'message.ticket.load({ assertEndAfterReading: false })'
	)
];

/** What it does once accepted. */
export const PAYOUT_MUTANTS: Mutant[] = [
	purse(
		'ids for today are put with tomorrow’s',
		'        purse.today.set(id, {});',
		'        purse.tomorrow.set(id, {});'
	),
	purse(
		'ids for tomorrow are put with today’s',
		'        purse.tomorrow.set(id, {});',
		'        purse.today.set(id, {});'
	),
	purse('payouts are not counted', '    purse.paidToday += 1;\n'),
	purse(
		'the anchor forgets',
		'hashTwo(purse.anchor, proofs.receipt)',
		'hashTwo(0, proofs.receipt)'
	),
	purse(
		'the anchor takes the salt',
		'hashTwo(purse.anchor, proofs.receipt)',
		'hashTwo(purse.anchor, proofs.salt)'
	),
	purse(
		'nothing is remembered',
		'    purse.anchor = hashTwo(purse.anchor, proofs.receipt);\n    purse.save();',
		'    purse.anchor = hashTwo(purse.anchor, proofs.receipt);'
	),
	purse(
		'a wallet’s payout may get lost',
		'SEND_MODE_CARRY_ALL_BALANCE | SEND_MODE_BOUNCE_ON_ACTION_FAIL;',
		'SEND_MODE_CARRY_ALL_BALANCE | SEND_MODE_IGNORE_ERRORS;'
	),
	purse(
		'an eaten reserve is not burnt',
		'        }).send(SEND_MODE_REGULAR | SEND_MODE_IGNORE_ERRORS);\n    } else {\n        burn = 0;\n    }',
		'        }).send(SEND_MODE_REGULAR | SEND_MODE_IGNORE_ERRORS);\n    }\n    burn = 0;'
	),
	purse(
		'burning has no limit',
		'min(min(config.reserve - spare, faceValue), spare)',
		'min(config.reserve - spare, spare)'
	),
	purse(
		'burning goes below the rent',
		'min(min(config.reserve - spare, faceValue), spare)',
		'min(config.reserve - spare, faceValue)'
	),
	purse(
		'only the whole of a face value burns',
		'min(min(config.reserve - spare, faceValue), spare)',
		'min(faceValue, spare)'
	),
	purse(
		'a burn too small to send goes to the payee',
		'(burn > 0) && (burn > smallestSendNano())',
		'burn > 0'
	),
	purse('the burn goes to the owner', 'dest: (BASECHAIN, 0),', 'dest: config.owner,'),
	purse(
		'the face value stays in the purse',
		'balance - faceValue - burn, RESERVE',
		'balance - burn, RESERVE'
	),
	purse(
		'the import is the purse’s loss',
		'contract.getOriginalBalance() + redeemImportNano(), true',
		'contract.getOriginalBalance(), true'
	),
	purse(
		'a wallet’s money counts as the purse’s',
		'contract.getOriginalBalance() - in.valueCoins, false',
		'contract.getOriginalBalance(), false'
	),
	purse(
		'a wallet’s redemption is a stranger’s accept',
		'    if (isExternal) {\n        acceptExternalMessage();\n    }',
		'    acceptExternalMessage();'
	),
	purse(
		'payouts bounce',
		'        bounce: BounceMode.NoBounce,\n        dest: (BASECHAIN, ticket.payee)',
		'        bounce: BounceMode.Only256BitsOfBody,\n        dest: (BASECHAIN, ticket.payee)'
	),
	purse(
		'payouts name the wrong ticket',
		'Payout { ticketId: id }',
		'Payout { ticketId: proofs.receipt }'
	),
	fees('the import is reckoned too low', 'REDEEM_BITS = 2319', 'REDEEM_BITS = 2000'),
	storage('tomorrow’s ids are lost at midnight', 'self.today = self.tomorrow;', 'self.today = [];'),
	storage(
		'old ids live on',
		'            self.today = [];\n',
		'            self.today = self.tomorrow;\n'
	),
	storage('tomorrow’s set is never emptied', '        self.tomorrow = [];\n'),
	storage('the count of a day is never reset', '        self.paidToday = 0;\n'),
	storage('days do not change', '        self.day = day;\n'),
	purse(
		'nothing is committed before the sending',
		'        commitContractDataAndActions();\n',
		'',
		'the rest of the code cannot throw, and the floor pays for its gas: the commit is a second lock'
	),
	purse(
		'an external payout may fail',
		'SEND_MODE_CARRY_ALL_BALANCE | SEND_MODE_IGNORE_ERRORS;',
		'SEND_MODE_CARRY_ALL_BALANCE | SEND_MODE_BOUNCE_ON_ACTION_FAIL;',
		'the floor leaves enough for the delivery at both price sets; the mode is for prices not yet known'
	)
];
