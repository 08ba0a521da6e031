import type { BeaconState } from '../../chain/beacon/read-beacon.ts';
import {
	checkCatalogue,
	type CatalogueCheck,
	type PastCatalogue
} from '../../log/catalogue-check.ts';
import { parseEvidence, type Evidence } from '../../log/evidence.ts';
import type { AnchorsAnswer } from '../../log/log-client.ts';
import type { HeadCheck } from '../../log/log-watch.ts';
import { isConsistent } from '../../log/proof-checking.ts';
import { equalBytes } from '../../protocol/bytes.ts';
import { openPageChecks, type PageChecks } from '../page-checks.ts';
import { anchorState, type AnchorState } from './anchor-state.ts';

const REFRESH_MS = 15_000;
const REQUEST_TIMEOUT_MS = 8_000;

export interface LogFindings {
	answer: AnchorsAnswer;
	/** The newest head against the largest that this browser saw. */
	check: HeadCheck;
	/** This browser had seen no head before. */
	isFirst: boolean;
	anchor: AnchorState;
	catalogues: PastCatalogue[];
	catalogue: CatalogueCheck;
}

/** The log, its anchors and the catalogues, checked anew while somebody looks. */
export class LogView {
	#findings = $state.raw<LogFindings | null>(null);
	#evidence = $state.raw<readonly Evidence[]>([]);
	#isUnreachable = $state(false);
	#checks: Promise<PageChecks> | null = null;
	#beacon: { key: string; state: BeaconState } | null = null;
	#isFirst: boolean | null = null;

	/** `null` until the first answer. */
	get findings(): LogFindings | null {
		return this.#findings;
	}

	/** What this browser ever found against a log. */
	get evidence(): readonly Evidence[] {
		return this.#evidence;
	}

	get isUnreachable(): boolean {
		return this.#isUnreachable;
	}

	/** Starts asking; what it returns stops it. */
	start(): () => void {
		const stop = new AbortController();
		void this.#keepLooking(stop.signal);
		return () => stop.abort();
	}

	async #keepLooking(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			if (!document.hidden) await this.#look(signal);
			await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
		}
	}

	async #look(signal: AbortSignal): Promise<void> {
		this.#checks ??= openPageChecks();
		const checks = await this.#checks;
		try {
			this.#isFirst ??= (await checks.watch.known()) === null;
			const findings = await this.#find(checks, signal);
			if (!signal.aborted) this.#findings = findings;
			this.#isUnreachable = false;
		} catch {
			// Whatever the reason, the next look is the remedy; what was known stays on the page.
			if (!signal.aborted) this.#isUnreachable = true;
		}
		const kept = await checks.records.evidence();
		this.#evidence = kept.flatMap(({ document }) => parseEvidence(document) ?? []);
	}

	async #find(checks: PageChecks, signal: AbortSignal): Promise<LogFindings> {
		const { client, watch } = checks;
		const [answer, catalogues, body] = await Promise.all([
			client.anchorState(signal),
			client.catalogues(signal),
			catalogueBody(signal)
		]);
		const check = await watch.check(answer.head, signal);
		const last = answer.anchors.at(-1);
		const fits = last ? await watch.compare(last.head, answer.head, signal) : null;
		const onChain = await this.#askChain(checks, answer, catalogues);
		return {
			answer,
			check,
			isFirst: this.#isFirst ?? false,
			anchor: anchorState(answer, onChain, fits, await chainFits(checks, onChain, signal)),
			catalogues,
			catalogue: await checkCatalogue(body, onChain?.catalogue ?? null)
		};
	}

	/** Only when there is news of the beacon. */
	async #askChain(
		{ reader }: PageChecks,
		{ beacon, anchors }: AnchorsAnswer,
		catalogues: readonly PastCatalogue[]
	): Promise<BeaconState | null> {
		if (beacon === null) return null;
		const written = catalogues.map(({ transaction }) => transaction);
		const key = [beacon, anchors.at(-1)?.transaction, ...written].join();
		if (this.#beacon?.key === key) return this.#beacon.state;
		try {
			const state = await reader.read(beacon);
			this.#beacon = { key, state };
			return state;
		} catch {
			// No beacon yet, or the chain is away.
			return null;
		}
	}
}

/** Whether the head on the chain is a beginning of the log as it is shown now. */
async function chainFits(
	{ client }: PageChecks,
	onChain: BeaconState | null,
	signal: AbortSignal
): Promise<boolean | null> {
	if (!onChain || onChain.head.size === 0) return null;
	const written = onChain.head;
	// Asked for after the chain was: the log may have grown and been anchored meanwhile.
	const now = await client.head(signal);
	if (written.size > now.size) return false;
	if (written.size === now.size) return equalBytes(written.root, now.root);
	return isConsistent(written, now, await client.consistency(written.size, now.size, signal));
}

async function catalogueBody(signal: AbortSignal): Promise<string> {
	const both = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
	const response = await fetch('/api/catalogue', { signal: both });
	if (!response.ok) throw new Error(`/api/catalogue: status ${response.status}`);
	return response.text();
}
