import { Cell, contractAddress, loadStateInit } from '@ton/core';
import {
	WalletContractV3R1,
	WalletContractV3R2,
	WalletContractV4,
	WalletContractV5R1
} from '@ton/ton';
import type { Bytes } from '../protocol/bytes.ts';
import type { Account } from './account.ts';

/** How many bits of a wallet's data come before its public key, by the hash of its code. */
const BITS_BEFORE_KEY: ReadonlyMap<string, number> = new Map([
	[codeHash(WalletContractV3R1), 64],
	[codeHash(WalletContractV3R2), 64],
	[codeHash(WalletContractV4), 64],
	[codeHash(WalletContractV5R1), 65]
]);

function codeHash(wallet: {
	create(args: { workchain: number; publicKey: Buffer }): { init: { code: Cell } };
}): string {
	const { init } = wallet.create({ workchain: 0, publicKey: Buffer.alloc(32) });
	return init.code.hash().toString('hex');
}

export type WalletKey =
	| { ok: true; key: Bytes }
	/** The StateInit belongs to the address, but its code is none that is known here. */
	| { ok: false; kind: 'unknown_code' }
	| { ok: false; kind: 'bad_state_init'; message: string };

/**
 * The public key of a wallet from the StateInit that makes its address. None of the known wallets can
 * change its key, so this one is right for good.
 *
 * @param base64 a BoC
 */
export function keyOfStateInit(account: Account, base64: string): WalletKey {
	let code: Cell, data: Cell;
	try {
		const init = loadStateInit(Cell.fromBase64(base64).beginParse());
		if (!init.code || !init.data) return bad('expected code and data');
		({ code, data } = { code: init.code, data: init.data });
	} catch {
		return bad('expected a StateInit as base64 of a BoC');
	}
	const made = contractAddress(0, { code, data }).toRawString();
	if (made !== account) return bad(`expected that of ${account}, came that of ${made}`);
	const skipped = BITS_BEFORE_KEY.get(code.hash().toString('hex'));
	if (skipped === undefined) return { ok: false, kind: 'unknown_code' };
	const key = new Uint8Array(data.beginParse().skip(skipped).loadBuffer(32));
	return { ok: true, key };
}

function bad(message: string): WalletKey {
	return { ok: false, kind: 'bad_state_init', message };
}
