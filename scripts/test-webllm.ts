/**
 * Runs the engine conformance cases on WebLLM, by hand: with software WebGPU it takes minutes, and no
 * model small enough for CI exists.
 *
 *     npm run test:webllm -- --model DIR [--version 0.2.79 | --package PATH]
 *                            [--cases NAME,NAME] [--tokens N] [--context N]
 *
 * DIR holds a model as WebLLM loads it (mlc-chat-config.json, tensor-cache.json or
 * ndarray-cache.json, shards, tokenizer) and its library, the one file that ends in `.wasm`.
 * `--version` runs another release of web-llm, installed outside of the repository; `--cases` takes
 * any part of a case's name.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	createReadStream,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	statSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import type { Connect } from 'vite';
import type { Setup } from '../tests/engine/conformance.ts';
import { conformance } from '../tests/engine/conformance.ts';
import { serveHarness } from '../tests/engine/serve-harness.ts';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.ts';

/** What software WebGPU has the patience for; every other case needs many tokens. */
const DEFAULT_CASES = [
	'loading reports',
	'exactly that many tokens',
	'a prefix is continued',
	'refused by name',
	'too long'
];

const { values } = parseArgs({
	options: {
		model: { type: 'string' },
		version: { type: 'string' },
		package: { type: 'string' },
		cases: { type: 'string' },
		tokens: { type: 'string', default: '4' },
		context: { type: 'string', default: '256' }
	}
});

function installWebllm(version: string): string {
	const folder = mkdtempSync(join(tmpdir(), 'mulberry-webllm-'));
	const { status } = spawnSync(
		'npm',
		[
			'install',
			'--no-save',
			'--no-audit',
			'--no-fund',
			'--prefix',
			folder,
			`@mlc-ai/web-llm@${version}`
		],
		{ stdio: 'inherit' }
	);
	if (status !== 0) throw new Error(`could not install @mlc-ai/web-llm@${version}`);
	return join(folder, 'node_modules/@mlc-ai/web-llm');
}

/** Serves the folder; the list of weights answers to both names that it has had. */
function modelFiles(folder: string): Connect.NextHandleFunction {
	const otherName: Record<string, string> = {
		'tensor-cache.json': 'ndarray-cache.json',
		'ndarray-cache.json': 'tensor-cache.json'
	};
	return (request, response) => {
		const name = basename((request.url ?? '').split('?')[0] ?? '');
		const path = [name, otherName[name]]
			.filter((candidate) => candidate !== undefined)
			.map((candidate) => join(folder, candidate))
			.find((candidate) => existsSync(candidate));
		if (path === undefined) {
			response.statusCode = 404;
			response.end();
			return;
		}
		response.setHeader('Content-Length', statSync(path).size);
		response.setHeader(
			'Content-Type',
			path.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream'
		);
		createReadStream(path).pipe(response);
	};
}

function setupFor(folder: string): Setup {
	const library = readdirSync(folder).find((name) => name.endsWith('.wasm'));
	if (library === undefined) throw new Error(`--model: there is no .wasm library in ${folder}`);
	const bytes = readFileSync(join(folder, library));
	return {
		model: {
			id: 'webllm-under-test',
			name: 'WebLLM under test',
			engine: 'webllm',
			parameters: 0,
			sizeBytes: 0,
			memoryBytes: 0,
			contextTokens: Number(values.context),
			licence: { name: '', url: '' },
			source: folder,
			bytesPerToken: 1,
			webllmId: 'webllm-under-test',
			weightsUrl: '/models/under-test',
			library: {
				path: library,
				url: `/models/${library}`,
				sizeBytes: bytes.length,
				sha256: createHash('sha256').update(bytes).digest('hex')
			},
			needsF16: library.includes('f16')
		},
		options: { backend: 'webgpu', contextTokens: Number(values.context), threads: 1 },
		tokens: Number(values.tokens),
		unsupported: { sampling: { top_k: 4 }, field: 'sampling.top_k' }
	};
}

async function run(folder: string, packagePath: string | undefined): Promise<boolean> {
	const setup = setupFor(folder);
	const wanted = values.cases?.split(',') ?? DEFAULT_CASES;
	const harness = await serveHarness({
		cacheDir: mkdtempSync(join(tmpdir(), 'mulberry-webllm-vite-')),
		files: modelFiles(folder),
		...(packagePath === undefined ? {} : { alias: { '@mlc-ai/web-llm': packagePath } })
	});
	const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
	let isGood = true;
	try {
		const page = await browser.newPage();
		page.on('pageerror', (error) => console.error(`page: ${error.message}`));
		await page.goto(harness.url);
		await page.waitForFunction(() => 'engineHarness' in window);
		for (const name of Object.keys(conformance)) {
			if (!wanted.some((part) => name.includes(part.trim()))) continue;
			const startMs = performance.now();
			const seconds = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
			try {
				const saw = await page.evaluate(
					([name, setup]) => window.engineHarness.runCase(name, setup),
					[name, setup] as const
				);
				console.log(`ok    ${name} (${seconds()})\n      ${saw}`);
			} catch (error) {
				isGood = false;
				console.log(`FAIL  ${name} (${seconds()})\n      ${String(error)}`);
				if (name.startsWith('loading')) break;
			}
		}
	} finally {
		await browser.close();
		await harness.close();
	}
	return isGood;
}

if (values.model === undefined) {
	console.error('usage: npm run test:webllm -- --model DIR [--version X] [--cases NAME,NAME]');
	process.exitCode = 2;
} else {
	const packagePath =
		values.package === undefined
			? values.version === undefined
				? undefined
				: installWebllm(values.version)
			: resolve(values.package);
	process.exitCode = (await run(resolve(values.model), packagePath)) ? 0 : 1;
}
