import { equalBytes } from '../../protocol/bytes.ts';
import type { BeaconState } from '../../chain/beacon/read-beacon.ts';
import type { AnchorsAnswer } from '../../log/log-client.ts';
import type { HeadCheck } from '../../log/log-watch.ts';

/** What is known of the anchors; only `holds` is good news. */
export type AnchorState =
	| { kind: 'empty' }
	| { kind: 'never' }
	/** `at` is when the last anchor was made; entries came since. */
	| { kind: 'since'; at: number; entries: number; isConfirmed: boolean }
	| { kind: 'said' }
	| { kind: 'holds' }
	/** The beacon has a head that is not of the log that is shown, or not as it is listed. */
	| { kind: 'differs'; size: number }
	/** The last listed head is not of the log that is shown. */
	| { kind: 'contradicts' };

/**
 * What to say of a log's anchors.
 *
 * @param onChain what the chain says; `null` where it could not be asked
 * @param fits whether the last listed head is of the log that is shown
 * @param chainFits whether the chain's head is a beginning of the log that is shown: one that is not
 *   listed may be too new for the list; `null` where nobody could say
 */
export function anchorState(
	{ anchors, unanchored, head }: AnchorsAnswer,
	onChain: BeaconState | null,
	fits: HeadCheck | null,
	chainFits: boolean | null
): AnchorState {
	const last = anchors.at(-1);
	const written = onChain?.head;
	if (written && written.size > 0) {
		const listed = anchors.find(({ head: one }) => one.size === written.size)?.head;
		const isSame =
			listed && listed.time === written.timeMs && equalBytes(listed.root, written.root);
		if (chainFits === false || isSame === false) return { kind: 'differs', size: written.size };
	}
	if (fits?.kind === 'evidence') return { kind: 'contradicts' };
	if (!last) return head.size === 0 ? { kind: 'empty' } : { kind: 'never' };
	// A claimed anchor that the chain does not have is no anchor, and one that fits nothing neither.
	const isConfirmed = written?.size === last.head.size && fits?.kind === 'ok';
	// By the heads themselves: what the coordinator counts is its word alone.
	const entries = Math.max(unanchored?.entries ?? 0, head.size - last.head.size);
	if (entries > 0) return { kind: 'since', at: last.at, entries, isConfirmed };
	return { kind: isConfirmed ? 'holds' : 'said' };
}
