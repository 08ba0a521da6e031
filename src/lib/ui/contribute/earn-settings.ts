import * as v from 'valibot';
import { parseAccount, type Account } from '../../chain/account.ts';
import type { NetworkName } from '../../chain/networks.ts';

/** For what pay a person of this browser serves. Small, and read before anything of a chain. */
export interface EarnSettings {
	/** With `both`, a free job is served only while no paid one waits. */
	jobs: 'both' | 'paid' | 'free';
	/** Nano per million tokens, as offers have them. */
	promptNano: bigint;
	completionNano: bigint;
	/** What a winning ticket pays, where the purse is large enough. */
	faceValueNano: bigint;
	/** Where winners are paid; without it only free jobs are served. */
	payout: Account | null;
	/** A wallet has proven that the account is its owner's; else it was pasted. */
	isProven: boolean;
}

/** Cocoon's public price of April 2026: 20 nano a prompt token, 160 a completion token. */
const USUAL = { promptNano: 20_000_000n, completionNano: 160_000_000n };
/** On the devnet coins are free, and a winner should come within one sitting. */
const DEVNET_FACTOR = 50n;

export function defaultEarnSettings(network: NetworkName): EarnSettings {
	const factor = network === 'devnet' ? DEVNET_FACTOR : 1n;
	return {
		jobs: 'both',
		promptNano: USUAL.promptNano * factor,
		completionNano: USUAL.completionNano * factor,
		faceValueNano: 20_000_000n,
		payout: null,
		isProven: false
	};
}

/** Each network has its own: an account that somebody uses for tests must not be paid real money. */
const keyOf = (network: NetworkName) => `mulberry-earn-${network}`;

const nano = v.pipe(
	v.string(),
	v.regex(/^[1-9]\d{0,18}$/),
	v.transform((text) => BigInt(text))
);
const schema = v.object({
	jobs: v.picklist(['both', 'paid', 'free']),
	promptNano: nano,
	completionNano: nano,
	faceValueNano: nano,
	payout: v.pipe(v.unknown(), v.transform(parseAccount)),
	isProven: v.boolean()
});

export function loadEarnSettings(network: NetworkName): EarnSettings {
	try {
		const stored: unknown = JSON.parse(localStorage.getItem(keyOf(network)) ?? 'null');
		const parsed = v.safeParse(schema, stored);
		return parsed.success ? parsed.output : defaultEarnSettings(network);
	} catch {
		// Storage is refused, or somebody else wrote there.
		return defaultEarnSettings(network);
	}
}

export function saveEarnSettings(network: NetworkName, settings: EarnSettings): void {
	const text = JSON.stringify(settings, (_, value: unknown) =>
		typeof value === 'bigint' ? String(value) : value
	);
	try {
		localStorage.setItem(keyOf(network), text);
	} catch {
		// Nothing is stored here: what was chosen lasts as long as the page.
	}
}
