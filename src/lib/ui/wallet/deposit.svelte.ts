import { m } from '$lib/paraglide/messages';
import {
	LEAST_TO_OPEN_NANO,
	RENT_ESTIMATE_NANO,
	RESERVE_NANO,
	type PurseTerms
} from '../../chain/purse/purse-terms.ts';
import { editableCoins, parseCoins } from '../coins.ts';

export const DEPOSIT_CHIPS_NANO = [200_000_000n, 1_000_000_000n, 5_000_000_000n] as const;
/** With less, a handful of payouts decides how far the money goes. */
const SUGGESTED_NANO = 500_000_000n;
/** Below this the message costs more than a tenth of what it brings. */
const LEAST_TOP_UP_NANO = 10_000_000n;
/** What a wallet needs besides for sending it. */
const SENDING_NANO = 10_000_000n;

export type DepositParts =
	| {
			kind: 'open';
			reserveNano: bigint;
			/** An estimate. */
			rentNano: bigint;
			freeNano: bigint;
			/** Less than is suggested. */
			isLittle: boolean;
	  }
	/** What payouts ate of the reserve is filled up first. */
	| { kind: 'top_up'; refillNano: bigint };

type Coins = (nano: bigint) => string;

/** The amount that somebody is about to deposit, and what becomes of it. */
export class Deposit {
	/** As it stands in the field. */
	text = $state('');
	readonly #amountNano = $derived(parseCoins(this.text));
	readonly #locale: string;

	constructor(locale: string) {
		this.#locale = locale;
		this.choose(DEPOSIT_CHIPS_NANO[1]);
	}

	/** `null` while the field holds no amount. */
	get amountNano(): bigint | null {
		return this.#amountNano;
	}

	choose(nano: bigint): void {
		this.text = editableCoins(nano, this.#locale);
	}

	/** How the amount divides; an open purse has its reserve already. */
	partsFor(open: PurseTerms | null): DepositParts | null {
		const nano = this.#amountNano;
		if (nano === null) return null;
		if (open) return { kind: 'top_up', refillNano: open.freeNano < 0n ? -open.freeNano : 0n };
		return {
			kind: 'open',
			reserveNano: RESERVE_NANO,
			rentNano: RENT_ESTIMATE_NANO,
			freeNano: nano - RESERVE_NANO - RENT_ESTIMATE_NANO,
			isLittle: nano < SUGGESTED_NANO
		};
	}

	/** Why this amount cannot be deposited; takes what writes amounts. */
	faultFor(open: PurseTerms | null, balanceNano: bigint | null): ((coins: Coins) => string) | null {
		const nano = this.#amountNano;
		if (nano === null) return () => m.deposit_not_an_amount();
		const leastNano = open ? LEAST_TOP_UP_NANO : LEAST_TO_OPEN_NANO;
		if (nano < leastNano) return (coins) => m.deposit_too_small({ amount: coins(leastNano) });
		if (balanceNano !== null && nano + SENDING_NANO > balanceNano) {
			return (coins) => m.deposit_too_much({ amount: coins(balanceNano) });
		}
		return null;
	}
}
