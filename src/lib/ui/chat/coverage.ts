import { splitCovered } from '../../protocol/part-evidence.ts';
import type { PartProof } from '../../store/chat-records.ts';

export interface Coverage {
	/** Characters that a signature covers, by part. */
	parts: number[];
	/** Characters of the answer that none covers. */
	uncovered: number;
}

/** How much of an answer's text its proofs cover. */
export function coverageOf(text: string, proofs: readonly PartProof[]): Coverage {
	const parts = proofs.map(({ evidence, mismatch }) => {
		if (mismatch !== null) return 0;
		// A receipt is for all of its part, a record for the signed runs.
		if (!evidence.entry.startsWith('{')) return evidence.text.length;
		const split = splitCovered(evidence.text, evidence.runs);
		return split ? evidence.text.length - split.uncovered.length : 0;
	});
	const covered = parts.reduce((sum, length) => sum + length, 0);
	return { parts, uncovered: Math.max(0, text.length - covered) };
}
