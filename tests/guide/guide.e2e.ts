import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright/test';
import { expect, test } from 'playwright/test';
import { GUIDE_FILE, openGuide } from './ask-guide.ts';
import fixedAnswers from './fixed-answers.json' with { type: 'json' };

/** Three times looser than the aim of 20 tokens a second on one thread. */
const SLOWEST_TOKENS_PER_SECOND = 20 / 3;

async function answersOf(
	browser: Browser,
	...how: [backend: 'wasm' | 'webgpu', file?: Uint8Array]
) {
	const guide = await openGuide(browser, ...how);
	const answers: string[] = [];
	for (const { question } of fixedAnswers) answers.push(await guide.ask(question));
	await guide.close();
	return { answers, loaded: guide.loaded };
}

test('the guide gives the committed answers to the fixed questions on the processor', async ({
	browser
}) => {
	test.setTimeout(120_000);
	const { answers, loaded } = await answersOf(browser, 'wasm');
	expect(answers).toEqual(fixedAnswers.map(({ answer }) => answer));
	console.log(`the guide makes ${loaded.tokensPerSecond.toFixed(0)} tokens/s on one WASM thread`);
	expect(loaded.tokensPerSecond).toBeGreaterThan(SLOWEST_TOKENS_PER_SECOND);
});

test('with its weights zeroed the guide fails every fixed question', async ({ browser }) => {
	test.setTimeout(180_000);
	const { answers } = await answersOf(browser, 'wasm', withoutWeights(readFileSync(GUIDE_FILE)));
	const right = answers.filter((answer, index) => answer === fixedAnswers[index]?.answer);
	expect(right).toEqual([]);
});

test('on WebGPU the guide gives at least ten of the same answers', async ({ browser }) => {
	test.setTimeout(240_000);
	const page = await browser.newPage();
	const hasF16 = await page.evaluate(async () => {
		// As TypeScript sees it a page has no `gpu`.
		const { gpu } = navigator as {
			gpu?: { requestAdapter(): Promise<{ features: Set<string> } | null> };
		};
		return (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false;
	});
	await page.close();
	test.skip(!hasF16, 'llama.cpp needs shader-f16, which this adapter lacks (a software one does)');
	const { answers } = await answersOf(browser, 'webgpu');
	const others = answers.filter((answer, index) => answer !== fixedAnswers[index]?.answer);
	console.log(`WebGPU differs in ${others.length} answers:\n${others.join('\n')}`);
	expect(others.length).toBeLessThanOrEqual(10);
});

/** The same file with zeros for tensor data: metadata, vocabulary and shapes stay. */
function withoutWeights(file: Buffer): Uint8Array {
	const zeroed = new Uint8Array(file);
	// The data is all that follows the last tensor's name, and by far the most of the file.
	const lastInfo = file.lastIndexOf(Buffer.from('output_norm.weight'));
	const from = Math.ceil((lastInfo + 42) / 32) * 32;
	zeroed.fill(0, from);
	return zeroed;
}
