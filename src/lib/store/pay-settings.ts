import * as v from 'valibot';

/** What a person of this browser wants to pay for, and how much at most. Small, and read before any wallet. */

export interface PaySettings {
	/** Free answers only, or paid ones too. */
	choice: 'free' | 'both';
	/** The most for one answer, and for one day, as this device counts days. */
	answerLimitNano: bigint;
	dayLimitNano: bigint;
}

/** Nothing is paid, and nothing of a wallet loads, until somebody asks for it. */
export const DEFAULT_PAY_SETTINGS: PaySettings = {
	choice: 'free',
	answerLimitNano: 10_000_000n,
	dayLimitNano: 200_000_000n
};

const KEY = 'mulberry-pay';

const nano = v.pipe(
	v.string(),
	v.regex(/^\d{1,19}$/),
	v.transform((text) => BigInt(text))
);
const schema = v.object({
	choice: v.picklist(['free', 'both']),
	answerLimitNano: nano,
	dayLimitNano: nano
});

export function loadPaySettings(): PaySettings {
	try {
		const parsed = v.safeParse(schema, JSON.parse(localStorage.getItem(KEY) ?? 'null'));
		return parsed.success ? parsed.output : DEFAULT_PAY_SETTINGS;
	} catch {
		// Storage is refused, or somebody else wrote there.
		return DEFAULT_PAY_SETTINGS;
	}
}

export function savePaySettings({ choice, answerLimitNano, dayLimitNano }: PaySettings): void {
	const limits = { answerLimitNano: String(answerLimitNano), dayLimitNano: String(dayLimitNano) };
	try {
		localStorage.setItem(KEY, JSON.stringify({ choice, ...limits }));
	} catch {
		// Nothing is stored here: what was chosen lasts as long as the page.
	}
}
