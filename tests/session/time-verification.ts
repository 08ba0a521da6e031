import { verifyClaim } from '../../src/lib/log/verify/verify-receipt.ts';
import { makeAnswer } from '../../src/lib/protocol/testing/receipts.ts';

const TIMES = 50;

/** Milliseconds that all steps take which need no network, for an answer of 32 runs, many times. */
export async function timeVerification(): Promise<number[]> {
	const runs = Array.from({ length: 32 }, (_, i) => `${i} some words of a run `.repeat(7));
	const { evidence } = await makeAnswer({ runs });
	const place = { question: null, before: null };
	const claim = { entry: evidence.entry, part: evidence, logged: null, place };
	const times: number[] = [];
	for (let i = 0; i < TIMES; i++) {
		const startedMs = performance.now();
		const steps = await verifyClaim(claim, { checks: null, catalogue: null });
		times.push(performance.now() - startedMs);
		if (steps[1]?.outcome !== 'holds') throw new Error('the answer does not verify');
	}
	return times;
}
