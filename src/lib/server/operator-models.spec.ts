import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { catalogue as builtIn } from '../models/catalogue.ts';
import { rawGet } from './testing/raw-get.ts';
import { startCoordinator, type TestCoordinator } from './testing/start-coordinator.ts';

let server: TestCoordinator | null = null;
let folder: string | null = null;
afterEach(async () => {
	await server?.close();
	if (folder) await rm(folder, { recursive: true });
	server = folder = null;
});

describe('an operator’s models', () => {
	async function startWithModels(): Promise<string> {
		folder = await mkdtemp(join(tmpdir(), 'models-'));
		const own = {
			id: 'own',
			name: 'Own',
			engine: 'wllama',
			parameters: 1,
			sizeBytes: 10,
			memoryBytes: 10,
			contextTokens: 10,
			licence: { name: 'MIT', url: 'https://example.com' },
			source: 'https://example.com',
			bytesPerToken: 4,
			files: [{ path: 'own.gguf', url: '/models/own.gguf', sizeBytes: 10, sha256: null }]
		};
		await writeFile(join(folder, 'catalogue.json'), JSON.stringify({ v: 1, models: [own] }));
		await writeFile(join(folder, 'own.gguf'), '0123456789');
		await writeFile(join(folder, 'large.gguf'), Buffer.alloc(30_000_000));
		await writeFile(join(folder, '.secret'), 'secret');
		server = await startCoordinator({ modelsDir: folder });
		return `http://127.0.0.1:${server.port}`;
	}

	it('come first in the catalogue, before the built-in ones', async () => {
		const url = await startWithModels();
		const { models } = (await (await fetch(`${url}/api/catalogue`)).json()) as {
			models: { id: string }[];
		};
		expect(models.map(({ id }) => id)).toEqual(['own', ...builtIn.models.map(({ id }) => id)]);
	});

	it('are served whole and in ranges, under the isolation headers', async () => {
		const url = await startWithModels();
		const whole = await fetch(`${url}/models/own.gguf`);
		expect(await whole.text()).toBe('0123456789');
		expect(whole.headers.get('cross-origin-resource-policy')).toBe('same-origin');
		const rest = await fetch(`${url}/models/own.gguf`, { headers: { range: 'bytes=7-' } });
		expect(rest.status).toBe(206);
		expect(rest.headers.get('content-range')).toBe('bytes 7-9/10');
		expect(await rest.text()).toBe('789');
		const beyond = await fetch(`${url}/models/own.gguf`, { headers: { range: 'bytes=10-' } });
		expect(beyond.status).toBe(416);
	});

	it.each(['bytes=9-3', 'bytes=-5', 'bytes=a-b', 'bytes=0-1,4-5', 'lines=1-2'])(
		'sirv 3.0.2 does not throw on the range %s: it is ignored',
		async (range) => {
			const url = await startWithModels();
			const response = await fetch(`${url}/models/own.gguf`, { headers: { range } });
			expect(response.status).toBe(200);
			expect(await response.text()).toBe('0123456789');
		}
	);

	it('sirv 3.0.2 does not keep files open whose download was broken off', async () => {
		const url = await startWithModels();
		const openFiles = async () => (await readdir('/proc/self/fd')).length;
		const before = await openFiles();
		for (let n = 0; n < 20; n += 1) {
			const aborter = new AbortController();
			const response = await fetch(`${url}/models/large.gguf`, { signal: aborter.signal });
			await response.body?.getReader().read();
			aborter.abort();
		}
		await vi.waitFor(async () => expect(await openFiles()).toBeLessThan(before + 10));
	});

	it('HEAD answers without reading the file', async () => {
		const url = await startWithModels();
		const response = await fetch(`${url}/models/large.gguf`, { method: 'HEAD' });
		expect(response.headers.get('content-length')).toBe('30000000');
	});

	it.each([
		'/models/../package.json',
		'/models/%2e%2e/package.json',
		'/models/..%2f..%2fetc/passwd',
		'/models/.secret',
		'/models/%2esecret',
		'/models/'
	])('%s is not among them', async (path) => {
		const { status, body } = await rawGet(await startWithModels(), path);
		expect(status).toBe(404);
		expect(body).not.toContain('secret');
	});

	it.each([
		[
			'a folder without a catalogue',
			'/nowhere',
			/MODELS_DIR: expected a folder with catalogue.json/
		]
	])('%s is named at start-up', async (_name, modelsDir, message) => {
		await expect(startCoordinator({ modelsDir })).rejects.toThrow(message);
	});

	it('a wrong entry is named at start-up', async () => {
		await startWithModels();
		const modelsDir = folder ?? '';
		await writeFile(join(modelsDir, 'catalogue.json'), '{"v":1,"models":[{"engine":"wllama"}]}');
		await expect(startCoordinator({ modelsDir })).rejects.toThrow(/MODELS_DIR: .*models\.0\.id/);
	});
});
