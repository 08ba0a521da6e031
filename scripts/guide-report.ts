/**
 * How good the built-in guide is: asks the held-out questions in Chromium, through the product's own
 * worker, and counts right answers: `npm run guide:report`. With `--fix` it also writes what the
 * guide answers to the fixed questions of the tests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { openGuide } from '../tests/guide/ask-guide.ts';
import { heldOut, isRefusal, isRight, LANGUAGES } from '../tests/guide/held-out.ts';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.ts';
import { inRoot } from './root.ts';

const FIXED = inRoot('tests/guide/fixed-answers.json');

const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
const guide = await openGuide(browser, 'wasm');
const figures: Record<string, string> = {};

async function count<T>(
	name: string,
	items: readonly T[],
	ask: (item: T) => { question: string; isGood: (answer: string) => boolean }
): Promise<void> {
	let right = 0;
	for (const item of items) {
		const { question, isGood } = ask(item);
		const answer = await guide.ask(question);
		if (isGood(answer)) right += 1;
		else console.log(`${name}: ${question}\n    ${answer}`);
	}
	figures[name] = `${right} of ${items.length} (${((100 * right) / items.length).toFixed(1)} %)`;
}

try {
	for (const language of LANGUAGES) {
		await count(`known ${language}`, heldOut.known[language], ({ fact, question }) => ({
			question,
			isGood: (answer) => isRight(fact, language, answer)
		}));
		await count(`off-topic ${language}`, heldOut.offTopic[language], (question) => ({
			question,
			isGood: (answer) => isRefusal(language, answer)
		}));
	}
	if (process.argv.includes('--fix')) {
		const fixed = JSON.parse(readFileSync(FIXED, 'utf8')) as { question: string; answer: string }[];
		for (const item of fixed) item.answer = await guide.ask(item.question);
		writeFileSync(FIXED, `${JSON.stringify(fixed, null, '\t')}\n`);
	}
} finally {
	await guide.close();
	await browser.close();
}
console.log(`\n${guide.loaded.tokensPerSecond.toFixed(0)} tokens/s on one WASM thread`);
console.log(JSON.stringify({ name: 'guide', ...figures }));
