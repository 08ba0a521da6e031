import { parseAccount, type Account } from './account.ts';
import { addressFlags, rawAddress } from './address-text.ts';

export type PayoutFault =
	/** Neither of the two forms that an address has. */
	| 'not_an_address'
	/** The form is right, but a character is not: the checksum says so. */
	| 'mistyped'
	/** Of the masterchain; purses pay into workchain 0 alone. */
	| 'masterchain'
	/** Marked as of a test network, where coins have value. */
	| 'test_only'
	/** The account of nobody, which is all zeros. */
	| 'nobody';

export type PayoutResult =
	| {
			ok: true;
			account: Account;
			/** The form that asks for the money back where no contract is yet; tickets pay without asking. */
			isBounceable: boolean;
	  }
	| { ok: false; fault: PayoutFault };

const FRIENDLY_SHAPE = /^[A-Za-z0-9+/_-]{48}$/;
const NOBODY = `0:${'0'.repeat(64)}`;

/**
 * An account that winners can be paid to, from what somebody pasted.
 *
 * @param hasValue whether coins of the network have any: then an address marked as a test's is refused
 */
export function readPayout(text: string, hasValue: boolean): PayoutResult {
	const trimmed = text.trim();
	const raw = rawAddress(trimmed);
	if (raw === null) {
		return fault(FRIENDLY_SHAPE.test(trimmed) ? 'mistyped' : 'not_an_address');
	}
	const flags = addressFlags(trimmed);
	if (flags?.isTest && hasValue) return fault('test_only');
	const account = parseAccount(raw);
	if (!account) return fault('masterchain');
	if (account === NOBODY) return fault('nobody');
	return { ok: true, account, isBounceable: flags?.isBounceable ?? false };
}

const fault = (kind: PayoutFault): PayoutResult => ({ ok: false, fault: kind });
