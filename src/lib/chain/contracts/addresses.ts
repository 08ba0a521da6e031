import { Address } from '@ton/core';
import { accountHash, accountOf, type Account } from '../account.ts';

/** The address as `@ton/core` has it. */
export function addressOf(account: Account): Address {
	return new Address(0, Buffer.from(accountHash(account)));
}

/** @throws RangeError for an address outside of workchain 0: tickets know no other */
export function accountOfAddress(address: Address): Account {
	if (address.workChain !== 0) {
		throw new RangeError(`address: expected workchain 0, found ${address.workChain}`);
	}
	return accountOf(address.hash);
}
