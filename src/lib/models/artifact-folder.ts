/**
 * The folder of model files in the origin private file system. Each file `<key>.bin` has a record
 * `<key>.json` beside it; the key is a hash of the URL. Writing needs a dedicated worker: only there
 * do browsers give synchronous handles, which write in place, so that a download broken off by a
 * crash keeps what it had.
 */
import { sha256, toHex, utf8 } from '../protocol/bytes.ts';
import { parseRecord, type ArtifactRecord } from './artifact-record.ts';

const FOLDER = 'mulberry-models';
const STALE_LOCK_MS = 5_000;
const STALE_LOCK_POLL_MS = 50;

/** https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle; TypeScript's `dom` library lacks it. */
export interface SyncHandle {
	read(into: Uint8Array, options: { at: number }): number;
	write(bytes: Uint8Array, options: { at: number }): number;
	truncate(sizeBytes: number): void;
	getSize(): number;
	flush(): void;
	close(): void;
}

type WritableHandle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };

function isWritable(handle: FileSystemFileHandle): handle is WritableHandle {
	return 'createSyncAccessHandle' in handle;
}

export async function artifactKey(url: string): Promise<string> {
	return toHex(await sha256(utf8(url))).slice(0, 32);
}

/** The Web Lock that whoever writes or removes the file holds. */
export function artifactLock(key: string): string {
	return `mulberry-artifact:${key}`;
}

export class ArtifactFolder {
	#directory: FileSystemDirectoryHandle;

	private constructor(directory: FileSystemDirectoryHandle) {
		this.#directory = directory;
	}

	/** The folder, or `null` where the browser gives none: insecure pages, private windows, frames. */
	static async open(): Promise<ArtifactFolder | null> {
		try {
			const root = await navigator.storage.getDirectory();
			return new ArtifactFolder(await root.getDirectoryHandle(FOLDER, { create: true }));
		} catch {
			return null;
		}
	}

	/** A handle to write the file, or `null` outside of a dedicated worker. Close it. */
	async write(key: string): Promise<SyncHandle | null> {
		const handle = await this.#directory.getFileHandle(`${key}.bin`, { create: true });
		return isWritable(handle) ? openForWriting(handle) : null;
	}

	async file(key: string): Promise<File | null> {
		return this.#read(`${key}.bin`);
	}

	async record(key: string): Promise<ArtifactRecord | null> {
		const file = await this.#read(`${key}.json`);
		return file === null ? null : parseRecord(await file.text());
	}

	async writeRecord(key: string, record: ArtifactRecord): Promise<void> {
		const handle = await this.#directory.getFileHandle(`${key}.json`, { create: true });
		if (!isWritable(handle)) return;
		const bytes = utf8(JSON.stringify(record));
		const access = await openForWriting(handle);
		try {
			access.truncate(0);
			access.write(bytes, { at: 0 });
			access.flush();
		} finally {
			access.close();
		}
	}

	/** Removes file and record; what is not there counts as removed. */
	async remove(key: string): Promise<void> {
		// The record goes first: a file without one is taken for nothing.
		for (const name of [`${key}.json`, `${key}.bin`]) {
			await this.#directory.removeEntry(name).catch((error: unknown) => {
				if (!isNotFound(error)) throw error;
			});
		}
	}

	async keys(): Promise<string[]> {
		const names: string[] = [];
		for await (const name of this.#directory.keys()) names.push(name);
		return names.filter((name) => name.endsWith('.bin')).map((name) => name.slice(0, -4));
	}

	async #read(name: string): Promise<File | null> {
		try {
			return await (await this.#directory.getFileHandle(name)).getFile();
		} catch (error) {
			if (isNotFound(error)) return null;
			throw error;
		}
	}
}

/**
 * The file of a worker that has just died stays locked until the browser notices; whoever comes here
 * holds the file's Web Lock, so there is nobody else to wait for.
 */
async function openForWriting(handle: WritableHandle): Promise<SyncHandle> {
	const giveUpMs = performance.now() + STALE_LOCK_MS;
	for (;;) {
		try {
			return await handle.createSyncAccessHandle();
		} catch (error) {
			if (!isLocked(error) || performance.now() > giveUpMs) throw error;
			await new Promise((resolve) => setTimeout(resolve, STALE_LOCK_POLL_MS));
		}
	}
}

function isLocked(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'NoModificationAllowedError';
}

function isNotFound(error: unknown): boolean {
	return error instanceof DOMException && error.name === 'NotFoundError';
}
