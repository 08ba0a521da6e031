import type { AnchorAnswer } from '../log-client.ts';
import type { ProvenPlace } from './check-log.ts';
import { whyNot, type LogChecks } from './log-checks.ts';
import { fails, holds, open, type Step } from './steps.ts';

/** Step 5: a head that has the entry is written on TON, and is one of the log that is shown. */
export async function checkAnchor(
	place: ProvenPlace | null,
	checks: LogChecks | null
): Promise<Step> {
	if (!checks) return open('anchor', 'anchor_open', { reason: 'no coordinator was asked' });
	if (!place) return open('anchor', 'anchor_open', { reason: 'it has no place in the log' });
	try {
		const { head: now } = await checks.head();
		const anchors = (await checks.anchors()).filter(({ head }) => head.key === now.key);
		const anchor = anchors.find(({ head }) => head.size > place.index);
		if (!anchor) {
			const last = anchors.at(-1);
			return last
				? open('anchor', 'anchor_not_yet', { at: last.at })
				: open('anchor', 'anchor_none');
		}
		const fits = await checks.source.watch.compare(anchor.head, now, checks.signal);
		if (fits.kind === 'unproven') return open('anchor', 'anchor_open', { reason: fits.reason });
		if (fits.kind === 'evidence') {
			const { size } = anchor.head;
			return fails('anchor', 'anchor_contradicts', { size }, fits.evidence);
		}
		return await confirm(anchor, checks);
	} catch (error) {
		return open('anchor', 'anchor_open', { reason: whyNot(error) });
	}
}

async function confirm(anchor: AnchorAnswer, { source, signal }: LogChecks): Promise<Step> {
	const { transaction, at, head } = anchor;
	const values = { size: head.size, transaction, at };
	if (!source.confirmAnchor) return open('anchor', 'anchor_unconfirmed', values);
	let isThere: boolean;
	try {
		isThere = await source.confirmAnchor(anchor, signal);
	} catch {
		// The chain is away, or its node: what the coordinator says is all there is.
		return open('anchor', 'anchor_unconfirmed', values);
	}
	return isThere
		? holds('anchor', 'anchor_holds', values)
		: fails('anchor', 'anchor_not_on_chain', { transaction });
}
