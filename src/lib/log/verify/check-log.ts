import { utf8 } from '../../protocol/bytes.ts';
import { entryId, type VerifiedEntry } from '../../protocol/log-entry.ts';
import type { Logged } from '../../protocol/part-evidence.ts';
import { bytesOf, isBackdated, type Evidence } from '../evidence.ts';
import { readHead, verifyHead, type SignedHead } from '../head.ts';
import type { HeadCheck } from '../log-watch.ts';
import { isIncluded } from '../proof-checking.ts';
import { leafHash } from '../tree-hash.ts';
import { whyNot, type LogChecks } from './log-checks.ts';
import { fails, holds, open, type Step } from './steps.ts';

/** Where the log has an entry, as it was proven. */
export interface ProvenPlace {
	index: number;
	head: SignedHead;
}

const OFFLINE = { reason: 'no coordinator was asked' };

/**
 * Step 3: the entry in the log, by the proof that came with it or by one that is asked for.
 *
 * @param logged what came with it
 * @param checks `null` without a network
 */
export async function checkEntry(
	entry: VerifiedEntry,
	logged: Logged | null,
	checks: LogChecks | null
): Promise<{ step: Step; place: ProvenPlace | null }> {
	const failed = (step: Step) => ({ step, place: null });
	let found: ProvenPlace | null;
	try {
		found = logged ? await placeOf(entry.text, logged) : await askPlace(entry.text, checks);
	} catch (error) {
		return failed(open('entry', 'entry_open', { reason: whyNot(error) }));
	}
	if (!logged && !checks) return failed(open('entry', 'entry_open', OFFLINE));
	if (!found) return failed(fails('entry', logged ? 'entry_fails' : 'entry_unknown'));
	const { index, head } = found;
	const { key, size, time } = head;
	if (entry.kind === 'receipt' && isBackdated(head, entry.receipt.ended)) {
		return failed(fails('entry', 'entry_backdated', { time }));
	}
	return { step: holds('entry', 'entry_holds', { index, key, size, time }), place: found };
}

async function placeOf(text: string, logged: Logged): Promise<ProvenPlace | null> {
	const head = await verifyHead(logged.head);
	const proof = bytesOf(logged.proof);
	if (!head.ok || !proof) return null;
	const { size, root } = head.value;
	const isThere = isIncluded(leafHash(utf8(text)), logged.index, size, proof, root);
	return isThere ? { index: logged.index, head: head.value } : null;
}

async function askPlace(text: string, checks: LogChecks | null): Promise<ProvenPlace | null> {
	const answer = await checks?.source.client.inclusion(await entryId(text), checks.signal);
	if (!answer) return null;
	const { index, proof, head } = answer;
	const isThere = isIncluded(leafHash(utf8(text)), index, head.size, proof, head.root);
	return isThere ? { index, head } : null;
}

/** Step 4: the log has only grown, from what this browser saw and from the head that has the entry. */
export async function checkHead(
	place: ProvenPlace | null,
	checks: LogChecks | null
): Promise<Step> {
	if (!checks) return open('head', 'head_open', OFFLINE);
	try {
		const { head: now, check } = await checks.head();
		if (check.kind !== 'ok') return headStep(check);
		if (!place) return open('head', 'head_open', { reason: 'it has no place in the log' });
		// Whoever wrote the file may have signed a head with any key.
		if (place.head.key !== now.key) {
			return fails('head', 'head_other_log', { key: place.head.key });
		}
		const grown = await checks.source.watch.compare(place.head, now, checks.signal);
		if (grown.kind !== 'ok') return headStep(grown);
		const [from, to] = [place.head.size, now.size].sort((a, b) => a - b);
		return holds('head', 'head_holds', { from: from ?? 0, to: to ?? 0 });
	} catch (error) {
		return open('head', 'head_open', { reason: whyNot(error) });
	}
}

const CODES = {
	fork: 'head_fork',
	rewritten: 'head_rewritten',
	backdated: 'head_backdated',
	hidden: 'entry_hidden',
	other_key: 'head_other_key'
} as const;

function headStep(check: Exclude<HeadCheck, { kind: 'ok' }>): Step {
	if (check.kind === 'unproven') return open('head', 'head_open', { reason: check.reason });
	return fails('head', CODES[check.evidence.kind], sizesIn(check.evidence), check.evidence);
}

function sizesIn({ heads }: Evidence): { from: number; to: number; size: number } {
	const [from, to] = heads.map((text) => readHead(text)?.size ?? 0);
	return { from: from ?? 0, to: to ?? 0, size: to ?? 0 };
}
