/**
 * Hashes of model files. WebCrypto hashes only what is whole in memory, so files are hashed in
 * pieces by `@noble/hashes`, while they are downloaded or read.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { sha256 as hashAtOnce, toBase64Url, toHex, utf8 } from '../protocol/bytes.ts';

/** Up to here a stored file is hashed at once: native code is four times as fast as our own. */
const NATIVE_LIMIT_BYTES = 64 * 1024 * 1024;

/** SHA-256 of bytes that come in pieces. */
export class StreamingHash {
	#state = sha256.create();

	update(bytes: Uint8Array): void {
		this.#state.update(bytes);
	}

	/** Lower-case hex of all bytes so far; more may follow. */
	hex(): string {
		return toHex(this.#state.clone().digest());
	}

	reset(): void {
		this.#state = sha256.create();
	}
}

/**
 * SHA-256 of a blob in lower-case hex, read in pieces.
 *
 * @param onProgress told how many bytes were read so far
 * @throws the signal's reason when aborted, and what the blob throws when it cannot be read
 */
export async function hashBlob(
	blob: Blob,
	signal: AbortSignal,
	onProgress: (loadedBytes: number) => void = () => {}
): Promise<string> {
	signal.throwIfAborted();
	if (blob.size <= NATIVE_LIMIT_BYTES) {
		const hash = toHex(await hashAtOnce(new Uint8Array(await blob.arrayBuffer())));
		signal.throwIfAborted();
		onProgress(blob.size);
		return hash;
	}
	const hash = new StreamingHash();
	let loadedBytes = 0;
	for await (const piece of blob.stream()) {
		signal.throwIfAborted();
		hash.update(piece);
		loadedBytes += piece.byteLength;
		onProgress(loadedBytes);
	}
	return hash.hex();
}

/**
 * The artifact digest of a model: SHA-256, base64url, over one line per file,
 * `<sha256 in lower-case hex>  <path>\n`, the lines sorted by code unit. It is the same whatever
 * order the files were loaded in, and `sha256sum FILES | LC_ALL=C sort | sha256sum` gives it too.
 */
export async function artifactDigest(
	files: readonly { path: string; sha256: string }[]
): Promise<string> {
	const lines = files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).sort();
	return toBase64Url(await hashAtOnce(utf8(lines.join(''))));
}
