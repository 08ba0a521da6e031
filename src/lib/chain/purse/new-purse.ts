import { Address } from '@ton/core';
import { isSmallOrderKey } from '../../protocol/keys.ts';
import { newKeyPair } from '../../store/key-pairs.ts';
import type { PurseRecord } from '../../store/purse-records.ts';
import type { Account } from '../account.ts';
import { purseAddress, type PurseConfig } from '../contracts/purse-data.ts';
import type { NetworkName } from '../networks.ts';
import { RESERVE_NANO } from './purse-terms.ts';

/** A purse with a key of its own, not on the chain yet. */
export async function newPurse(
	owner: Account,
	network: NetworkName,
	number: number,
	nowMs: number
): Promise<PurseRecord> {
	const keys = await newKeyPair();
	const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
	if (isSmallOrderKey(publicKey))
		throw new RangeError('session key: one that anybody can sign for');
	const purse = { owner, number, reserveNano: RESERVE_NANO, publicKey };
	return {
		...{ ...purse, network, keys, createdAt: nowMs, isLeft: false },
		address: purseAddress(configOf(purse)).toRawString()
	};
}

/** What makes the purse's address. */
export function configOf(
	purse: Pick<PurseRecord, 'owner' | 'number' | 'reserveNano' | 'publicKey'>
): PurseConfig {
	return {
		owner: Address.parse(purse.owner),
		number: purse.number,
		sessionKey: purse.publicKey,
		reserveNano: purse.reserveNano
	};
}
