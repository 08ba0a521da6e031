import { fromHex, toHex, type Bytes } from '../protocol/bytes.ts';

/** An account of workchain 0 in raw form: `0:` and the 64 lower-case hex digits of its hash. */
export type Account = string & { readonly brand: 'Account' };

const ACCOUNT = /^0:[0-9a-f]{64}$/;

/** Total: the account, or `null` for anything but its canonical raw form. */
export function parseAccount(value: unknown): Account | null {
	return typeof value === 'string' && ACCOUNT.test(value) ? (value as Account) : null;
}

/** @throws RangeError unless it is 32 bytes */
export function accountOf(hash: Uint8Array): Account {
	if (hash.length !== 32) throw new RangeError(`hash: expected 32 bytes, found ${hash.length}`);
	return `0:${toHex(hash)}` as Account;
}

/** The account's 32 bytes. */
export function accountHash(account: Account): Bytes {
	const hash = fromHex(account.slice(2));
	if (hash === null || hash.length !== 32) {
		throw new TypeError(`account: expected 0: and 64 hex digits, found ${account}`);
	}
	return hash;
}
