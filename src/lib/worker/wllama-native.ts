/**
 * llama.cpp as wllama runs it: a worker of wllama's own that computes one token a call.
 *
 * wllama's public streaming API calls as fast as the engine computes and knows no way to make it
 * wait, so this file talks to the worker through the same private `proxy` that wllama's own methods
 * use. The package is pinned to the exact version; a test fails if an upgrade moves these parts.
 */
import { LogLevel, Wllama, type LoadModelParams } from '@wllama/wllama';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import type { EngineFailure } from '../protocol/generation.ts';
import { within } from './deadline.ts';
import { fromFailure, toEngineError, toFailure } from './failure.ts';
import { Lifeline } from './lifeline.ts';

/** What `get_result` answers: `json` is a chunk, a list of chunks, `null`, an error, or empty. */
export interface NativeResult {
	json: string;
	isError: boolean;
	hasMore: boolean;
}

interface Proxy {
	wllamaAction(name: string, body: object): Promise<Record<string, unknown>>;
}

/** One call computes one token or one prompt batch; only a dead worker takes longer than this. */
const CALL_TIMEOUT_MS = 120_000;
/** Reading, compiling and uploading gigabytes may be slow, but not this slow. */
const LOAD_TIMEOUT_MS = 15 * 60_000;
const KEPT_LOG_LINES = 8;

export class WllamaNative {
	readonly #wllama: Wllama;
	readonly #onFatal: (failure: EngineFailure) => void;
	/** The last things llama.cpp complained about: its exceptions carry no message of their own. */
	#complaints: string[] = [];
	#fatal: EngineFailure | null = null;
	#isClosed = false;
	/** Cut when the worker dies without answering its calls. */
	readonly #lifeline = new Lifeline();

	/** @param onFatal called once when the engine is beyond use */
	constructor(onFatal: (failure: EngineFailure) => void) {
		this.#onFatal = onFatal;
		const note = (...args: unknown[]) => this.#note(args);
		this.#wllama = new Wllama(
			{ default: wasmUrl },
			{ logger: { debug: () => {}, log: note, warn: note, error: note } }
		);
		// Otherwise wllama would load its engine for older browsers from a third party.
		this.#wllama.setCompat(null);
	}

	static get llamaVersion(): string {
		return Wllama.getLibllamaVersion();
	}

	/** @throws EngineError */
	async load(files: Blob[], params: LoadModelParams, signal: AbortSignal): Promise<void> {
		const loading = this.#wllama.loadModel(files, { ...params, log_level: LogLevel.ERROR });
		try {
			await this.#guard(loading, LOAD_TIMEOUT_MS, signal);
		} catch (error) {
			throw toEngineError(error, this.#takeComplaints());
		}
		// A model that does not load gives empty information instead of an exception.
		if (this.#wllama.getLoadedContextInfo().n_vocab === 0) {
			throw toEngineError(new Error('llama.cpp did not load the model'), this.#takeComplaints());
		}
	}

	get chatTemplate(): string {
		return this.#wllama.getChatTemplate() ?? '';
	}

	/**
	 * Queues a chat completion.
	 *
	 * @returns its number
	 * @throws EngineError
	 */
	async start(body: object): Promise<number> {
		const answer = await this.#call('completion', {
			_name: 'cmpl_req',
			is_chat: true,
			data_json: JSON.stringify(body),
			files: []
		});
		return Number(answer.req_id);
	}

	/**
	 * Computes the next token or prompt batch and gives what is ready, which is one step behind.
	 *
	 * @throws EngineError
	 */
	async next(request: number): Promise<NativeResult> {
		const answer = await this.#call('get_result', { _name: 'gres_req', req_id: request });
		return {
			json: typeof answer.data_json === 'string' ? answer.data_json : '',
			isError: answer.is_error === true,
			hasMore: answer.has_more === true
		};
	}

	/** Frees the slot of a request. Harmless when the request is over. */
	async cancel(request: number): Promise<void> {
		await this.#call('cancel', { _name: 'cncl_req', req_id: request });
	}

	/** Ends the worker; memory and GPU go with it. */
	async close(): Promise<void> {
		this.#isClosed = true;
		this.#lifeline.cut(new Error('the engine was unloaded'));
		await this.#wllama.exit();
	}

	async #call(name: string, body: object): Promise<Record<string, unknown>> {
		if (this.#fatal !== null) throw fromFailure(this.#fatal);
		this.#complaints = [];
		try {
			return await this.#guard(this.#proxy().wllamaAction(name, body), CALL_TIMEOUT_MS);
		} catch (error) {
			const hint = this.#takeComplaints();
			if (!isException(error)) this.#fail(toFailure(error, hint));
			throw toEngineError(isException(error) ? new Error(hint) : error, hint);
		}
	}

	#guard<T>(promise: Promise<T>, timeoutMs: number, signal?: AbortSignal): Promise<T> {
		return within(this.#lifeline.hold(promise), {
			timeoutMs,
			onTimeout: () => new Error('llama.cpp has stopped answering'),
			...(signal ? { signal } : {})
		});
	}

	#proxy(): Proxy {
		const { proxy } = this.#wllama as unknown as { proxy: Partial<Proxy> | null };
		if (typeof proxy?.wllamaAction !== 'function') {
			throw new Error(
				proxy === null ? 'no model is loaded' : 'wllama has changed: its proxy has no wllamaAction'
			);
		}
		return proxy as Proxy;
	}

	#note(args: unknown[]): void {
		const [first] = args;
		// wllama passes the error event of its worker here and goes on waiting for an answer.
		if (typeof Event !== 'undefined' && first instanceof Event) {
			const message = first instanceof ErrorEvent ? first.message : first.type;
			this.#fail({ kind: 'worker_died', message: `The worker of llama.cpp died: ${message}` });
			return;
		}
		const line = args.map(String).join(' ').trim();
		if (line === '' || line.startsWith('Stack trace')) return;
		this.#complaints = [...this.#complaints, line].slice(-KEPT_LOG_LINES);
		if (/device lost/i.test(line)) this.#fail({ kind: 'device_lost', message: line });
	}

	#takeComplaints(): string {
		const text = this.#complaints.filter((line) => !isStackLine(line)).join(' | ');
		this.#complaints = [];
		return text.slice(0, 600);
	}

	#fail(failure: EngineFailure): void {
		if (this.#fatal !== null || this.#isClosed) return;
		this.#fatal = failure;
		this.#lifeline.cut(fromFailure(failure));
		this.#onFatal(failure);
	}
}

/**
 * Whether a C++ exception was caught and logged, after which the engine goes on working. wllama then
 * reads the length of an answer that is not there: the bytes of its magic word, "GLUE".
 */
function isException(error: unknown): boolean {
	return error instanceof Error && error.message.includes('Invalid typed array length: 1163217991');
}

const isStackLine = (line: string) =>
	/^(RangeError: Invalid typed array|\s*at |wasm-func)/.test(line);
