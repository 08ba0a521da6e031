import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileSource, patternBytes } from '../../../tests/models/file-source.ts';
import { EngineError } from '../protocol/generation.ts';
import { MemorySink } from './artifact-sink.ts';
import { download, type DownloadOptions } from './download.ts';

const source = new FileSource();
let origin = '';
beforeAll(async () => {
	origin = await source.listen();
});
afterAll(() => source.close());

const bytes = patternBytes(300_000);
let nextFile = 0;

function offer(options: Parameters<FileSource['put']>[2] = {}, content = bytes): string {
	const path = `/${nextFile++}.bin`;
	source.put(path, content, options);
	return path;
}

function run(path: string, sink: MemorySink, options: Partial<DownloadOptions> = {}) {
	return download(origin + path, sink, {
		version: null,
		expectedBytes: 0,
		isPinned: false,
		onVersion: async () => {},
		onProgress: () => {},
		signal: new AbortController().signal,
		pauseMs: () => 10,
		...options
	});
}

async function contents(sink: MemorySink): Promise<Uint8Array> {
	return new Uint8Array(await sink.blob().arrayBuffer());
}

const failure = async (promise: Promise<unknown>) => {
	const error = await promise.then(
		() => null,
		(error: unknown) => error
	);
	if (!(error instanceof EngineError)) throw new Error(`no EngineError but ${error}`);
	return error.failure;
};

describe('a download', () => {
	it('gives the whole file, its version and monotone progress', async () => {
		const path = offer();
		const sink = new MemorySink();
		const seen: number[] = [];
		const version = await run(path, sink, { onProgress: (loaded) => seen.push(loaded) });
		expect(await contents(sink)).toEqual(bytes);
		expect(version).toEqual({ etag: '"1"', lastModified: null, totalBytes: bytes.length });
		expect(seen).toEqual([...seen].sort((a, b) => a - b));
		expect(seen.at(-1)).toBe(bytes.length);
	});

	it('goes on at the byte where a connection broke off', async () => {
		const path = offer({ script: [{ breakAfterBytes: 100_000 }, { breakAfterBytes: 50_000 }] });
		const sink = new MemorySink();
		await run(path, sink);
		expect(await contents(sink)).toEqual(bytes);
		expect(source.rangesOf(path)).toEqual([null, 'bytes=100000-', 'bytes=150000-']);
	});

	it('starts afresh where the source ignores ranges', async () => {
		const path = offer({ ranges: false, script: [{ breakAfterBytes: 100_000 }] });
		const sink = new MemorySink();
		await run(path, sink);
		expect(await contents(sink)).toEqual(bytes);
	});

	it('never joins parts of two versions', async () => {
		const path = offer({ etag: '"old"' });
		const sink = new MemorySink();
		sink.append(bytes.subarray(0, 1000));
		source.put(path, patternBytes(300_000, 2), { etag: '"new"' });
		await run(path, sink, {
			version: { etag: '"old"', lastModified: null, totalBytes: bytes.length }
		});
		expect(await contents(sink)).toEqual(patternBytes(300_000, 2));
		expect(source.rangesOf(path)).toEqual(['bytes=1000-', null]);
	});

	it('continues a file without a version only if its hash is pinned', async () => {
		const version = { etag: null, lastModified: null, totalBytes: bytes.length };
		for (const isPinned of [true, false]) {
			const path = offer({ etag: null });
			const sink = new MemorySink();
			sink.append(bytes.subarray(0, 1000));
			await run(path, sink, { version, isPinned });
			expect(await contents(sink)).toEqual(bytes);
			expect(source.rangesOf(path)).toEqual(isPinned ? ['bytes=1000-'] : ['bytes=1000-', null]);
		}
	});

	it('asks for nothing when all bytes are there already', async () => {
		const path = offer();
		const sink = new MemorySink();
		sink.append(bytes);
		await run(path, sink, {
			version: { etag: '"1"', lastModified: null, totalBytes: bytes.length }
		});
		expect(source.rangesOf(path)).toEqual([]);
	});

	it('starts afresh when the source has become shorter than what is there', async () => {
		const path = offer({}, patternBytes(500));
		const sink = new MemorySink();
		sink.append(bytes.subarray(0, 1000));
		await run(path, sink, { version: { etag: '"1"', lastModified: null, totalBytes: null } });
		expect(await contents(sink)).toEqual(patternBytes(500));
	});

	it('tries again after a fault that may pass', async () => {
		const path = offer({
			script: [{ status: 503 }, { status: 429, headers: { 'Retry-After': '1' } }]
		});
		const started = performance.now();
		await run(path, new MemorySink());
		expect(source.rangesOf(path)).toHaveLength(3);
		expect(performance.now() - started).toBeGreaterThan(1000);
	});

	it('names the status that will not pass, at once', async () => {
		const path = offer({ script: [{ status: 403 }] });
		const { kind, message } = await failure(run(path, new MemorySink()));
		expect(kind).toBe('download_failed');
		expect(message).toContain('HTTP 403');
		expect(source.rangesOf(path)).toHaveLength(1);
	});

	it('gives up on a source that ever starts afresh', async () => {
		const script = Array.from({ length: 20 }, () => ({ breakAfterBytes: 1000 }));
		const path = offer({ ranges: false, script });
		const { kind } = await failure(run(path, new MemorySink()));
		expect(kind).toBe('download_failed');
		expect(source.rangesOf(path).length).toBeLessThan(10);
	});

	it('gives up a try that stalls and goes on from there', async () => {
		const path = offer({ script: [{ stallAfterBytes: 100_000 }] });
		const sink = new MemorySink();
		await run(path, sink, { idleTimeoutMs: 300 });
		expect(await contents(sink)).toEqual(bytes);
		expect(source.rangesOf(path)).toEqual([null, 'bytes=100000-']);
	});

	it('refuses a file of another size than the catalogue says', async () => {
		for (const hideLength of [false, true]) {
			const path = offer({ script: [{ hideLength }] });
			const sink = new MemorySink();
			const { kind, message } = await failure(run(path, sink, { expectedBytes: 299_999 }));
			expect(kind).toBe('download_failed');
			expect(message).toContain('299999 bytes');
			expect(sink.sizeBytes).toBe(0);
		}
	});

	it('refuses a file that is complete but shorter than the catalogue says', async () => {
		const path = offer();
		const { kind, message } = await failure(
			run(path, new MemorySink(), { expectedBytes: 300_001 })
		);
		expect(kind).toBe('download_failed');
		expect(message).toContain('300001 bytes');
	});

	it('keeps what came when it is cancelled', async () => {
		const path = offer({ script: [{ stallAfterBytes: 100_000 }] });
		const sink = new MemorySink();
		const abort = new AbortController();
		const { kind } = await failure(
			run(path, sink, {
				signal: abort.signal,
				onProgress: (loaded) => {
					if (loaded === 100_000) abort.abort();
				}
			})
		);
		expect(kind).toBe('cancelled');
		expect(sink.sizeBytes).toBe(100_000);
	});
});
