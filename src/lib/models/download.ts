/**
 * One file over HTTP into a sink: goes on where it stopped, retries what may pass, gives up on what
 * will not. Knows nothing of where the bytes are kept.
 */
import { EngineError } from '../protocol/generation.ts';
import { isSameVersion, startsAt, versionOf, type FileVersion } from './file-version.ts';
import { IdleTimer } from './idle-timer.ts';
import { backoffMs, retryAfterMs, wait } from './retry.ts';

/** Where the bytes go. `append` and `discard` throw `EngineError` when the store cannot. */
export interface ByteSink {
	readonly sizeBytes: number;
	append(bytes: Uint8Array): void;
	/** Forgets all bytes. */
	discard(): void;
}

export interface DownloadOptions {
	/** What the sink's bytes are of; null when it is empty. */
	version: FileVersion | null;
	/** 0 when unknown. A source that offers another size is refused, but for a pinned file that is shorter. */
	expectedBytes: number;
	/** With a pinned hash, a source that names no version may be continued: the hash will tell. */
	isPinned: boolean;
	/** Called before the first byte of each answer is appended; may refuse by throwing. */
	onVersion: (version: FileVersion) => Promise<void>;
	/** `totalBytes` is 0 while unknown. */
	onProgress: (loadedBytes: number, totalBytes: number) => void;
	signal: AbortSignal;
	/** Without a byte for so long, a try is given up. */
	idleTimeoutMs?: number;
	/** How long to wait after so many fruitless tries. */
	pauseMs?: (tries: number) => number;
}

/** No model file we list comes near; a source that never ends must end somewhere. */
const MAX_FILE_BYTES = 16 * 1024 ** 3;
/** Slow links still move a byte in half a minute; a dead one never tells. */
const IDLE_TIMEOUT_MS = 30_000;
/** Tries in a row that bring no byte: with back-off, some ten seconds. */
const MAX_FRUITLESS_TRIES = 6;

/** A try failed in a way that the next may not. */
class Transient extends Error {
	readonly afterMs: number;

	constructor(message: string, afterMs = 0) {
		super(message);
		this.afterMs = afterMs;
	}
}

/**
 * Downloads `url` until the sink holds the whole file.
 *
 * @returns the version that was downloaded, with its true size
 * @throws EngineError `download_failed` (what came so far stays in the sink), `cancelled`, or what
 * the sink and `onVersion` throw
 */
export async function download(
	url: string,
	sink: ByteSink,
	options: DownloadOptions
): Promise<FileVersion> {
	const attempt = new Attempts(url, sink, options);
	let fruitless = 0;
	// Only new ground counts: a source that ever starts afresh must not keep us for ever.
	let furthestBytes = sink.sizeBytes;
	for (;;) {
		try {
			return await attempt.next();
		} catch (error) {
			if (options.signal.aborted) throw cancelled(url);
			if (!(error instanceof Transient)) throw error;
			fruitless = sink.sizeBytes > furthestBytes ? 0 : fruitless + 1;
			furthestBytes = Math.max(furthestBytes, sink.sizeBytes);
			if (fruitless >= MAX_FRUITLESS_TRIES) throw failed(url, error.message);
			const pauseMs = (options.pauseMs ?? backoffMs)(fruitless);
			await wait(Math.max(error.afterMs, pauseMs), options.signal).catch(() => {
				throw cancelled(url);
			});
		}
	}
}

class Attempts {
	#url: string;
	#sink: ByteSink;
	#options: DownloadOptions;
	#version: FileVersion | null;

	constructor(url: string, sink: ByteSink, options: DownloadOptions) {
		this.#url = url;
		this.#sink = sink;
		this.#options = options;
		this.#version = options.version;
		if (options.version === null && sink.sizeBytes > 0) sink.discard();
	}

	async next(): Promise<FileVersion> {
		const sink = this.#sink;
		const known = this.#version;
		const isWhole = known !== null && sink.sizeBytes > 0 && sink.sizeBytes === known.totalBytes;
		if (isWhole) return this.#accept(known);
		const idle = new IdleTimer(
			this.#options.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
			this.#options.signal
		);
		try {
			const response = await this.#request(idle.signal);
			const version = versionOf(response, sink.sizeBytes);
			this.#checkStatus(response);
			this.#checkContinues(response, known, version);
			this.#checkSize(version.totalBytes);
			this.#version = version;
			await this.#options.onVersion(version);
			await this.#copy(response, version.totalBytes, idle);
			return this.#accept(version);
		} finally {
			// Also ends a body that was not read to its end.
			idle.stop();
		}
	}

	async #request(signal: AbortSignal): Promise<Response> {
		const from = this.#sink.sizeBytes;
		try {
			return await fetch(this.#url, {
				signal,
				// `If-Range` would need a CORS preflight, which model hosts need not answer; a single
				// `Range` needs none, and the version of the part is compared here instead.
				...(from > 0 && { headers: { Range: `bytes=${from}-` } }),
				// We store it ourselves; a second copy in the HTTP cache would cost gigabytes.
				cache: 'no-store',
				referrerPolicy: 'no-referrer'
			});
		} catch (error) {
			throw new Transient(reason(error));
		}
	}

	#checkStatus(response: Response): void {
		const { status } = response;
		if (status === 200 || status === 206) return;
		const message = `the source answered HTTP ${status}`;
		if (status === 416 && this.#sink.sizeBytes > 0) {
			// What we have is longer than what is there now.
			this.#sink.discard();
			throw new Transient(message);
		}
		if (status === 408 || status === 425 || status === 429 || status >= 500) {
			throw new Transient(message, retryAfterMs(response.headers.get('Retry-After')));
		}
		throw failed(this.#url, message);
	}

	#checkContinues(response: Response, known: FileVersion | null, next: FileVersion): void {
		const from = this.#sink.sizeBytes;
		if (from === 0) return;
		const continues =
			response.status === 206 &&
			startsAt(response, from) &&
			known !== null &&
			isSameVersion(known, next, this.#options.isPinned);
		if (continues) return;
		this.#sink.discard();
		// A 200 is the whole file and is read on; a part of another version is of no use.
		if (response.status === 206) throw new Transient('the file at the source has changed');
	}

	/** CORS may hide that a body is compressed, so a length smaller than expected proves nothing yet. */
	#checkSize(announcedBytes: number | null): void {
		const { expectedBytes } = this.#options;
		if (expectedBytes === 0 || announcedBytes === null || announcedBytes <= expectedBytes) return;
		throw this.#wrongSize(announcedBytes);
	}

	async #copy(response: Response, announcedBytes: number | null, idle: IdleTimer): Promise<void> {
		const { expectedBytes, onProgress } = this.#options;
		const sink = this.#sink;
		const total = announcedBytes ?? expectedBytes;
		const limitBytes = expectedBytes || MAX_FILE_BYTES;
		onProgress(sink.sizeBytes, total);
		for await (const piece of this.#pieces(response)) {
			idle.touch();
			if (sink.sizeBytes + piece.byteLength > limitBytes) {
				throw this.#wrongSize(sink.sizeBytes + piece.byteLength);
			}
			sink.append(piece);
			onProgress(sink.sizeBytes, total === 0 ? 0 : Math.max(total, sink.sizeBytes));
		}
		if (sink.sizeBytes < total) {
			throw new Transient(`broken off at byte ${sink.sizeBytes} of ${total}`);
		}
	}

	/** Errors of the connection become `Transient`; those of the sink stay what they are. */
	async *#pieces(response: Response): AsyncGenerator<Uint8Array> {
		const reader = response.body?.getReader();
		if (reader === undefined) throw new Transient('the source sent no body');
		for (;;) {
			const { done, value } = await reader.read().catch((error: unknown) => {
				throw new Transient(`broken off at byte ${this.#sink.sizeBytes}: ${reason(error)}`);
			});
			if (done) return;
			yield value;
		}
	}

	#accept(version: FileVersion): FileVersion {
		const { sizeBytes } = this.#sink;
		const { expectedBytes, isPinned } = this.#options;
		// Of a pinned file that is cut short the caller's hash says what came instead.
		const isCut = isPinned && sizeBytes < expectedBytes;
		if (expectedBytes > 0 && sizeBytes !== expectedBytes && !isCut) {
			throw this.#wrongSize(sizeBytes);
		}
		return { ...version, totalBytes: sizeBytes };
	}

	#wrongSize(gotBytes: number): EngineError {
		this.#sink.discard();
		const { expectedBytes } = this.#options;
		const bound = expectedBytes || MAX_FILE_BYTES;
		return failed(this.#url, `the catalogue says ${bound} bytes, the source gives ${gotBytes}`);
	}
}

function reason(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function failed(url: string, message: string): EngineError {
	return new EngineError('download_failed', `Could not download ${url}: ${message}.`);
}

function cancelled(url: string): EngineError {
	return new EngineError('cancelled', `The download of ${url} was cancelled.`);
}
