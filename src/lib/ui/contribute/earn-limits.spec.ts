import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxPriceNano } from '../../chain/odds.ts';
import { PaymentPlan } from '../../protocol/amounts.ts';
import { DEFAULT_CHUNK_TOKENS } from '../../protocol/frames.ts';
import { NETWORK_NAMES } from '../../chain/networks.ts';
import { defaultEarnSettings } from './earn-settings.ts';
import {
	answersPerWinner,
	feeShare,
	figureFault,
	offeredFaceValues,
	type PayField,
	type PayFigures
} from './earn-limits.ts';

const FIELDS: PayField[] = ['promptNano', 'completionNano', 'faceValueNano'];
const LONGEST_PROMPT = 131_072;

/** What sessions say of such terms, for every face value of the offer and the longest question. */
function planFaults({ promptNano, completionNano, faceValueNano }: PayFigures): (string | null)[] {
	return offeredFaceValues(faceValueNano).map(
		(face) =>
			new PaymentPlan({
				prices: { promptNano, completionNano },
				promptTokens: LONGEST_PROMPT,
				chunkTokens: DEFAULT_CHUNK_TOKENS,
				maxTokens: 1_000,
				maxTicketNano: maxPriceNano(face),
				creditNano: 0n
			}).fault
	);
}

describe('prices and face values', () => {
	it.each(NETWORK_NAMES)('that are the default on %s can be paid', (network) => {
		const figures = defaultEarnSettings(network);
		expect(FIELDS.map((field) => figureFault(field, figures))).toEqual([null, null, null]);
		expect(planFaults(figures)).toEqual([null]);
	});

	it('that pass can be paid with every face value that is offered', () => {
		const price = fc.bigInt({ min: 1n, max: 10n ** 12n });
		const face = fc.bigInt({ min: 1n, max: 2n * 10n ** 10n });
		fc.assert(
			fc.property(price, price, face, (promptNano, completionNano, faceValueNano) => {
				const figures = { promptNano, completionNano, faceValueNano };
				const passes = FIELDS.every((field) => figureFault(field, figures) === null);
				if (passes) expect(planFaults(figures).every((fault) => fault === null)).toBe(true);
			}),
			{ numRuns: 2_000 }
		);
	});

	it('are allowed up to what is named as the most, and no further', () => {
		const figures = defaultEarnSettings('mainnet');
		for (const field of ['promptNano', 'completionNano'] as const) {
			const fault = figureFault(field, { ...figures, [field]: 10n ** 15n });
			if (fault?.kind !== 'too_large') throw new Error(`expected too_large, found ${fault?.kind}`);
			const most = { ...figures, [field]: fault.mostNano };
			expect(figureFault(field, most)).toBeNull();
			expect(planFaults(most)).toEqual([null]);
			expect(figureFault(field, { ...figures, [field]: fault.mostNano + 1n })).not.toBeNull();
		}
	});

	it('say how large a ticket dear prices need', () => {
		const dear = { ...defaultEarnSettings('mainnet'), completionNano: 20_000_000_000n };
		const fault = figureFault('faceValueNano', { ...dear, faceValueNano: 5_000_000n });
		expect(fault).toEqual({ kind: 'below_prices', leastNano: 12_800_000n });
		expect(figureFault('faceValueNano', { ...dear, faceValueNano: 12_800_000n })).toBeNull();
		expect(figureFault('faceValueNano', { ...dear, faceValueNano: 12_799_999n })).not.toBeNull();
	});

	it('stay within what fees and purses allow', () => {
		const figures = defaultEarnSettings('mainnet');
		const faceOf = (faceValueNano: bigint) =>
			figureFault('faceValueNano', { ...figures, faceValueNano })?.kind ?? null;
		expect(faceOf(4_999_999n)).toBe('too_small');
		expect(faceOf(5_000_000n)).toBeNull();
		expect(faceOf(10_000_000_000n)).toBeNull();
		expect(faceOf(10_000_000_001n)).toBe('too_large');
	});

	it('above the usual are offered beside the one that usual purses can pay', () => {
		expect(offeredFaceValues(20_000_000n)).toEqual([20_000_000n]);
		expect(offeredFaceValues(5_000_000n)).toEqual([5_000_000n]);
		expect(offeredFaceValues(500_000_000n)).toEqual([20_000_000n, 500_000_000n]);
	});

	it('are explained with figures of the right size', () => {
		const figures = defaultEarnSettings('mainnet');
		// 300 tokens at 160 nano are 48,000 nano; 20,000,000 is 417 times that.
		expect(answersPerWinner(figures)).toBe(417);
		expect(feeShare(20_000_000n)).toBeCloseTo(0.06);
	});
});
