/** Where a download goes: a file of the origin private file system, or memory. Both hash as they go. */
import { EngineError } from '../protocol/generation.ts';
import type { SyncHandle } from './artifact-folder.ts';
import { StreamingHash } from './digest.ts';
import type { ByteSink } from './download.ts';

const READ_BYTES = 4 * 1024 * 1024;
const PACK_BYTES = 16 * 1024 * 1024;

export class FileSink implements ByteSink {
	#handle: SyncHandle;
	#hash = new StreamingHash();
	#sizeBytes = 0;

	/** Takes the handle over with what it holds; `hashStored` must run before the first `append`. */
	constructor(handle: SyncHandle) {
		this.#handle = handle;
		this.#sizeBytes = handle.getSize();
	}

	get sizeBytes(): number {
		return this.#sizeBytes;
	}

	/** Hashes what an earlier download left, so that the hash of the whole goes on from there. */
	async hashStored(onProgress: (loadedBytes: number) => void, signal: AbortSignal): Promise<void> {
		const piece = new Uint8Array(READ_BYTES);
		for (let at = 0; at < this.#sizeBytes;) {
			signal.throwIfAborted();
			const read = this.#handle.read(piece, { at });
			if (read === 0) return this.#truncate(at);
			this.#hash.update(piece.subarray(0, read));
			at += read;
			onProgress(at);
			// Lets an abort in: reads are synchronous, and messages would wait for the last of them.
			await new Promise((resolve) => setTimeout(resolve));
		}
	}

	append(bytes: Uint8Array): void {
		for (let done = 0; done < bytes.byteLength;) {
			const rest = bytes.subarray(done);
			const written = this.#write(rest);
			this.#hash.update(rest.subarray(0, written));
			this.#sizeBytes += written;
			done += written;
		}
	}

	discard(): void {
		this.#hash.reset();
		this.#truncate(0);
	}

	sha256(): string {
		return this.#hash.hex();
	}

	/** Idempotent, as the specification has it. */
	close(): void {
		this.#handle.close();
	}

	flush(): void {
		this.#handle.flush();
	}

	#write(bytes: Uint8Array): number {
		try {
			const written = this.#handle.write(bytes, { at: this.#sizeBytes });
			// In a private window Chromium 156 does not throw when it is full but returns its error
			// code as an unsigned number, 4294967288.
			if (written > 0 && written <= bytes.byteLength) return written;
		} catch (error) {
			if (!isQuotaExceeded(error)) throw error;
		}
		// Part of the piece may have been written; it is not in the hash.
		this.#handle.truncate(this.#sizeBytes);
		throw storageFull(this.#sizeBytes);
	}

	#truncate(sizeBytes: number): void {
		this.#handle.truncate(sizeBytes);
		this.#sizeBytes = sizeBytes;
	}
}

/** For windows that store nothing. The pieces become blobs, which browsers may keep off the heap. */
export class MemorySink implements ByteSink {
	#hash = new StreamingHash();
	#blobs: Blob[] = [];
	#pieces: Uint8Array<ArrayBuffer>[] = [];
	#piecesBytes = 0;
	#sizeBytes = 0;

	get sizeBytes(): number {
		return this.#sizeBytes;
	}

	append(bytes: Uint8Array): void {
		this.#pieces.push(new Uint8Array(bytes));
		this.#piecesBytes += bytes.byteLength;
		this.#sizeBytes += bytes.byteLength;
		this.#hash.update(bytes);
		if (this.#piecesBytes >= PACK_BYTES) this.#pack();
	}

	discard(): void {
		this.#blobs = [];
		this.#pieces = [];
		this.#piecesBytes = 0;
		this.#sizeBytes = 0;
		this.#hash.reset();
	}

	sha256(): string {
		return this.#hash.hex();
	}

	blob(): Blob {
		this.#pack();
		return new Blob(this.#blobs);
	}

	#pack(): void {
		if (this.#pieces.length > 0) this.#blobs.push(new Blob(this.#pieces));
		this.#pieces = [];
		this.#piecesBytes = 0;
	}
}

export function isQuotaExceeded(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'QuotaExceededError';
}

export function storageFull(storedBytes: number, neededBytes = 0): EngineError {
	const needed = neededBytes > 0 ? ` ${neededBytes} more bytes are needed.` : '';
	return new EngineError(
		'storage_full',
		`This browser's storage for the page is full; ${storedBytes} bytes of the file are kept.${needed}`
	);
}
