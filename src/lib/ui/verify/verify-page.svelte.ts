import { weigh, type Evidence } from '../../log/evidence.ts';
import { readProofFile, type UnknownFile } from '../../log/proof-file.ts';
import { readFragment } from '../../log/receipt-link.ts';
import type { ChatFile } from '../../log/chat-file.ts';
import { LogChecks } from '../../log/verify/log-checks.ts';
import { overall, type Step, type StepOutcome } from '../../log/verify/steps.ts';
import { stepsOf, verifyChat, type AnswerResult } from '../../log/verify/verify-chat.ts';
import { NOWHERE, verifyClaim, type VerifyContext } from '../../log/verify/verify-receipt.ts';
import { entryId, verifyEntry, type VerifiedEntry } from '../../protocol/log-entry.ts';
import { loadCatalogue } from '../catalogue-source.ts';
import { openPageChecks, type PageChecks } from '../page-checks.ts';

/** What is being verified, as far as it has come. */
export type Subject =
	| { kind: 'chat'; file: ChatFile; isElsewhere: boolean; results: AnswerResult[] | null }
	| { kind: 'entry'; text: string; id: string; entry: VerifiedEntry | null; steps: Step[] }
	| { kind: 'evidence'; evidence: Evidence; weight: 'proven' | 'claimed' | 'nothing' }
	| { kind: 'unknown'; what: UnknownFile | 'unreadable'; reason: string };

/** A page that verifies one thing after the other; the last one asked for is shown. */
export class VerifyPage {
	#subject = $state.raw<Subject | null>(null);
	#isRunning = $state(false);
	#run = 0;
	#checks: Promise<PageChecks> | null = null;

	get subject(): Subject | null {
		return this.#subject;
	}

	get isRunning(): boolean {
		return this.#isRunning;
	}

	/** `null` while steps are missing, and for what has none. */
	get outcome(): StepOutcome | null {
		const subject = this.#subject;
		if (this.#isRunning || !subject) return null;
		if (subject.kind === 'entry') return overall(subject.steps);
		if (subject.kind === 'chat' && subject.results) {
			return overall(subject.results.flatMap(stepsOf));
		}
		return null;
	}

	/** A link's fragment; other fragments change nothing. */
	async openFragment(fragment: string): Promise<void> {
		const entry = readFragment(fragment);
		if (entry !== null) await this.#start((run) => this.#verifyEntry(entry, run));
	}

	async openFile(file: File): Promise<void> {
		try {
			await this.open(await file.text());
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			this.#subject = { kind: 'unknown', what: 'unreadable', reason };
		}
	}

	async open(text: string): Promise<void> {
		await this.#start((run) => this.#verify(text, run));
	}

	/** A chat that names another coordinator's log, against this one's. */
	async askHere(file: ChatFile): Promise<void> {
		await this.#start((run) => this.#verifyChat(file, false, run));
	}

	async #start(work: (run: number) => Promise<void>): Promise<void> {
		const run = ++this.#run;
		this.#isRunning = true;
		try {
			await work(run);
		} finally {
			if (run === this.#run) this.#isRunning = false;
		}
	}

	#show(subject: Subject, run: number): void {
		if (run === this.#run) this.#subject = subject;
	}

	async #verify(text: string, run: number): Promise<void> {
		const file = readProofFile(text);
		switch (file.kind) {
			case 'unknown':
				return this.#show(file, run);
			case 'evidence': {
				const { evidence } = file;
				return this.#show({ kind: 'evidence', evidence, weight: await weigh(evidence) }, run);
			}
			case 'entry':
				return this.#verifyEntry(file.entry, run);
			case 'chat':
				return this.#verifyChat(file.file, file.file.coordinator !== location.origin, run);
		}
	}

	async #verifyEntry(text: string, run: number): Promise<void> {
		const verified = await verifyEntry(text);
		const entry = verified.ok ? verified.value : null;
		const shown = { kind: 'entry', text, id: await entryId(text), entry } as const;
		const steps: Step[] = [];
		this.#show({ ...shown, steps }, run);
		const onStep = (step: Step) => {
			steps.push(step);
			this.#show({ ...shown, steps: [...steps] }, run);
		};
		const claim = { entry: text, part: null, place: NOWHERE, logged: null };
		await verifyClaim(claim, { ...(await this.#context(true)), onStep });
	}

	async #verifyChat(file: ChatFile, isElsewhere: boolean, run: number): Promise<void> {
		const shown = { kind: 'chat', file, isElsewhere } as const;
		this.#show({ ...shown, results: null }, run);
		const results = await verifyChat(file, await this.#context(!isElsewhere));
		this.#show({ ...shown, results }, run);
	}

	async #context(asksLog: boolean): Promise<VerifyContext> {
		this.#checks ??= openPageChecks();
		const [checks, models] = await Promise.all([
			this.#checks,
			loadCatalogue(new AbortController().signal)
		]);
		return {
			checks: asksLog ? new LogChecks(checks) : null,
			catalogue: models && { v: 1, models: [...models] }
		};
	}
}
