import { describe, expect, it } from 'vitest';
import { makeAnswer } from '../../protocol/testing/receipts.ts';
import type { PartProof } from '../../store/chat-records.ts';
import { coverageOf } from './coverage.ts';

const proofOf = async (isBrokenOff: boolean): Promise<PartProof> => ({
	evidence: (await makeAnswer({ isBrokenOff })).evidence,
	logged: null,
	mismatch: null
});

describe('what of an answer is covered', () => {
	it('is all of it with a receipt', async () => {
		const proof = await proofOf(false);
		const { text } = proof.evidence;
		expect(coverageOf(text, [proof])).toEqual({ parts: [text.length], uncovered: 0 });
	});

	it('is what the signed runs have with a record, and not what came after', async () => {
		const proof = await proofOf(true);
		const { text, runs } = proof.evidence;
		const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
		const covered = new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes));
		const given = { ...proof, evidence: { ...proof.evidence, text: `${text} more` } };
		expect(coverageOf(`${text} more`, [given])).toEqual({
			parts: [covered.length],
			uncovered: text.length + 5 - covered.length
		});
	});

	it('is nothing where the receipt does not fit, or none came', async () => {
		const proof = { ...(await proofOf(false)), mismatch: 'answer: differs' };
		const { text } = proof.evidence;
		expect(coverageOf(text, [proof])).toEqual({ parts: [0], uncovered: text.length });
		expect(coverageOf('words', [])).toEqual({ parts: [], uncovered: 5 });
	});
});
