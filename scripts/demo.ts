/**
 * The main job in a terminal: starts the coordinator, opens the real pages in headless Chromium,
 * presses their buttons, and prints the answer as it streams: `npm run demo -- "a question"`.
 */
import { chromium, type Page } from 'playwright';
import { CoordinatorProcess } from '../tests/support/coordinator-process.ts';
import { CHROMIUM_ARGS_WITHOUT_GPU, chromiumPath } from './chromium.ts';
import { buildIfStale } from './pages.ts';

const MODEL = 'Built-in guide';
const STEP_TIMEOUT_MS = 30_000;
const question = process.argv.slice(2).join(' ') || 'What is Mulberry?';

await buildIfStale();
const coordinator = await CoordinatorProcess.start({});
// No GPU is assumed: the processor answers everywhere.
const browser = await chromium.launch({
	executablePath: chromiumPath(),
	args: CHROMIUM_ARGS_WITHOUT_GPU
});

/** A browser of somebody's own, with nothing in it. */
async function openPage(path: string): Promise<Page> {
	const context = await browser.newContext({ locale: 'en-GB' });
	const page = await context.newPage();
	page.setDefaultTimeout(STEP_TIMEOUT_MS);
	await page.goto(`${coordinator.url}${path}`);
	return page;
}

async function contribute(): Promise<Page> {
	const page = await openPage('/contribute');
	await page.getByRole('button', { name: 'Use the processor instead' }).click();
	await page.locator('label', { hasText: MODEL }).click();
	await page.getByRole('button', { name: 'Start contributing' }).click();
	await page.getByText('Waiting for questions').waitFor();
	return page;
}

async function ask(page: Page): Promise<void> {
	const model = page.getByRole('combobox', { name: 'Model' });
	await model.waitFor();
	await page.getByRole('textbox', { name: 'Your message' }).fill(question);
	await page.getByRole('button', { name: 'Send' }).click();
	const answer = page.getByRole('article', { name: 'Answer' });
	const text = answer.locator('.markdown');
	let printed = '';
	for (;;) {
		const isBusy = (await answer.getAttribute('aria-busy')) === 'true';
		const shown = (await text.count()) > 0 ? ((await text.textContent()) ?? '') : '';
		if (shown.startsWith(printed)) process.stdout.write(shown.slice(printed.length));
		printed = shown;
		if (!isBusy) break;
		await page.waitForTimeout(100);
	}
	console.log('\n');
	const figures = await answer.getByRole('list', { name: 'About this answer' }).allInnerTexts();
	if (printed === '' || figures.length === 0) {
		throw new Error(`no answer came: ${await answer.innerText()}`);
	}
	console.log(figures.join('\n').split('\n').join(' · '));
}

const watchdog = setTimeout(() => {
	console.error('The demo took too long.');
	process.exit(1);
}, 3 * STEP_TIMEOUT_MS);
try {
	console.log(`coordinator   ${coordinator.url}`);
	const contributor = await contribute();
	console.log(
		`contributor   ${MODEL}, ${await contributor.getByText('measured here').innerText()}`
	);
	console.log(`question      ${question}\n`);
	await ask(await openPage('/chat'));
} finally {
	clearTimeout(watchdog);
	await browser.close();
	await coordinator.stop();
}
