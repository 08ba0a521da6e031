/** The product's sessions and worker on a bare page, so that a benchmark times them and no UI. */
import { DirectoryClient } from '../../src/lib/directory/directory-client.ts';
import { Contributor } from '../../src/lib/p2p/contributor.ts';
import type { AnswerEvent } from '../../src/lib/p2p/answer-events.ts';
import type { ContributorTerms } from '../../src/lib/p2p/contributor-terms.ts';
import { requesterAt, type Requester } from '../../src/lib/p2p/requester.ts';
import type { Generator } from '../../src/lib/protocol/generation.ts';
import type { ChatMessage, Sampling } from '../../src/lib/protocol/job.ts';
import { createIdentity } from '../../src/lib/protocol/keys.ts';
import { InferenceClient } from '../../src/lib/worker/inference-client.ts';
import { MODEL } from '../support/memory-contributor.ts';
import { ScriptedGenerator, type Script } from '../support/scripted-generator.ts';
import type { Earnings, EarningTerms } from './earning.ts';

export interface Timed {
	text: string;
	tokens: number;
	/** From the call to the first text. */
	ttftMs: number;
	/** From the first text to the last. */
	streamMs: number;
	/** The longest time without text, after the first. */
	longestGapMs: number;
}

export interface TimedOverNetwork extends Timed {
	connectMs: number;
	kinds: string[];
}

/** Every connection of this page, so that a test can break them as a network does. */
const peerConnections: RTCPeerConnection[] = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
	constructor(configuration?: RTCConfiguration) {
		super(configuration);
		peerConnections.push(this);
	}
};

const coordinator = new URL(location.origin);
const never = new AbortController().signal;
let client: InferenceClient | null = null;
let requester: Requester | null = null;
let isGenerating = false;
let contributor: Contributor | null = null;

class Stopwatch {
	readonly #started = performance.now();
	#first = 0;
	#last = 0;
	#longestGapMs = 0;
	#text = '';
	#tokens = 0;

	add(text: string, tokens: number): void {
		const now = performance.now();
		if (this.#first === 0) this.#first = now;
		else this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#last);
		this.#last = now;
		this.#text += text;
		this.#tokens = tokens;
	}

	get timed(): Timed {
		return {
			text: this.#text,
			tokens: this.#tokens,
			ttftMs: this.#first - this.#started,
			streamMs: this.#last - this.#first,
			longestGapMs: this.#longestGapMs
		};
	}
}

const messages = (prompt: string): ChatMessage[] => [{ role: 'user', content: prompt }];
const sampling = (maxTokens: number): Sampling => ({ max_tokens: maxTokens, temperature: 0 });

async function contribute(
	generator: Generator,
	model: typeof MODEL,
	terms: ContributorTerms = { jobs: 'free' }
): Promise<void> {
	contributor = new Contributor({
		terms,
		identity: await createIdentity(),
		directory: new DirectoryClient(coordinator),
		generator,
		model,
		engineVersion: '1.0',
		onChange: ({ current }) => (isGenerating = current !== null),
		onJob: () => {}
	});
	contributor.start();
}

async function earn(given: EarningTerms): Promise<ContributorTerms> {
	return (await import('./earning.ts')).startEarning(coordinator, given);
}

const harness = {
	/** Loads a model of the catalogue on one thread and offers it. */
	async contributeModel(id: string, given?: EarningTerms): Promise<{ tokensPerSecond: number }> {
		const answer: unknown = await (await fetch('/api/catalogue')).json();
		const { parseCatalogue } = await import('../../src/lib/models/catalogue.ts');
		const catalogue = parseCatalogue(answer);
		const entry = catalogue.ok
			? catalogue.value.models.find((model) => model.id === id)
			: undefined;
		if (!entry) throw new Error(`catalogue: no ${id}`);
		client = new InferenceClient();
		const options = { backend: 'wasm', contextTokens: entry.contextTokens, threads: 1 } as const;
		const loaded = await client.load(entry, options, () => {}, never);
		if (!loaded.ok) throw new Error(loaded.failure.message);
		const { digest, contextTokens, tokensPerSecond } = loaded.model;
		const model = { ...MODEL, id, digest, contextTokens, tokensPerSecond };
		await contribute(client, model, given && (await earn(given)));
		return { tokensPerSecond };
	},

	async contributeScript(script: Script): Promise<void> {
		await contribute(new ScriptedGenerator(script), MODEL);
	},

	/** Serves free and paid jobs; what it earns is redeemed on the coordinator's chain. */
	async contributePaid(script: Script, given: EarningTerms): Promise<void> {
		await contribute(new ScriptedGenerator(script), MODEL, await earn(given));
	},

	/** The contributor's sums, and how many winners are not settled. */
	async earnings(): Promise<Earnings> {
		return (await import('./earning.ts')).earnings();
	},

	async generate(prompt: string, maxTokens: number): Promise<Timed> {
		if (!client) throw new Error('nothing is loaded here');
		const watch = new Stopwatch();
		let tokens = 0;
		const request = { messages: messages(prompt), sampling: sampling(maxTokens) };
		for await (const event of client.generate(request, never)) {
			if (event.kind === 'tokens') watch.add(event.text, (tokens += event.tokens));
		}
		return watch.timed;
	},

	/** A purse that this page has the key of. @param owner raw, of the wallet that will open it */
	async makePurse(owner: string): Promise<{ number: number; publicKey: string }> {
		return (await import('./paying.ts')).makePurse(owner);
	},

	/** Questions may be paid from now on. */
	async startPaying(): Promise<void> {
		const { startPaying } = await import('./paying.ts');
		requester ??= requesterAt(coordinator);
		requester.payments = await startPaying(coordinator);
	},

	async timeTickets(rounds: number): Promise<{ signMs: number; verifyMs: number }> {
		return (await import('./paying.ts')).timeTickets(rounds);
	},

	async ask(
		model: string,
		prompt: string,
		maxTokens: number,
		isPaid = false
	): Promise<TimedOverNetwork> {
		requester ??= requesterAt(coordinator);
		const watch = new Stopwatch();
		const kinds: AnswerEvent['kind'][] = [];
		let connectMs = 0;
		const asked = { model, messages: messages(prompt), sampling: sampling(maxTokens) };
		const question = isPaid ? { ...asked, paid: {} } : asked;
		for await (const event of requester.ask(question, never)) {
			if (event.kind === 'text') watch.add(event.text, event.tokens);
			else kinds.push(event.kind);
			if (event.kind === 'done') connectMs = event.connectMs;
			if (event.kind === 'failed') throw new Error(JSON.stringify(event.failure));
		}
		return { ...watch.timed, connectMs, kinds };
	},

	/** How long verifying an answer takes here, in milliseconds, many times. */
	async timeVerification(): Promise<number[]> {
		return (await import('./time-verification.ts')).timeVerification();
	},

	isGenerating: () => isGenerating,

	dropConnections: () => peerConnections.splice(0).forEach((connection) => connection.close()),

	leave: () => contributor?.stop(),

	/** The next question starts with a new connection. */
	disconnect(): void {
		requester?.close();
	}
};

export type SessionHarness = typeof harness;

declare global {
	interface Window {
		session: SessionHarness;
	}
}

window.session = harness;
