/** The chat page is real, its contributors serve a scripted engine: what was said is known. */
import type { Page } from 'playwright/test';
import { MODEL } from '../support/memory-contributor.ts';
import { words } from '../support/scripted-generator.ts';
import { answerText, ask, expect, lastAnswer, test, untilServed } from './fixtures.ts';

const SLOW = { length: 120, delayMs: 25 };
const whole = words(0, SLOW.length).trim();

/** Waits until some words are there, but not all. */
async function inTheMiddle(chat: Page): Promise<void> {
	await expect(answerText(chat)).toContainText('w10 ');
}

async function busyOf(pages: Page[]): Promise<Page> {
	for (;;) {
		for (const page of pages) {
			if (await page.evaluate(() => window.session.isGenerating())) return page;
		}
	}
}

async function crash(page: Page): Promise<void> {
	const devtools = await page.context().newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	void devtools.send('Page.crash').catch(() => {});
	await crashed;
}

test('Stop ends the answer and keeps what came', async ({ open, scripted, coordinator }) => {
	const contributor = await scripted(SLOW);
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await chat.getByRole('button', { name: 'Stop' }).click();
	await expect(chat.getByText('You stopped this answer.')).toBeVisible();
	const text = ((await answerText(chat).textContent()) ?? '').trim();
	expect(whole.startsWith(text)).toBe(true);
	await expect.poll(() => contributor.evaluate(() => window.session.isGenerating())).toBe(false);
	await chat.getByRole('button', { name: 'Continue' }).click();
	await expect(answerText(chat)).toHaveText(whole);
});

test('Escape stops as well', async ({ open, scripted, coordinator }) => {
	await scripted(SLOW);
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await chat.keyboard.press('Escape');
	await expect(chat.getByText('You stopped this answer.')).toBeVisible();
});

test('a dropped connection is resumed and nothing is lost or doubled', async ({
	open,
	scripted,
	coordinator
}) => {
	const contributor = await scripted(SLOW);
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await contributor.evaluate(() => window.session.dropConnections());
	await expect(chat.getByText('Connection restored')).toBeVisible();
	await expect(answerText(chat)).toHaveText(whole);
});

test('a killed contributor is replaced and nothing is lost or doubled', async ({
	open,
	scripted,
	coordinator
}) => {
	const contributors = [await scripted(SLOW), await scripted(SLOW)];
	const chat = await open('/chat');
	await untilServed(chat, coordinator, 2);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await crash(await busyOf(contributors));
	await expect(chat.getByText('Another contributor carries on').first()).toBeVisible();
	await expect(answerText(chat)).toHaveText(whole);
	await expect(lastAnswer(chat)).toContainText('continued by');
});

test('a contributor that reloads its page is replaced', async ({ open, scripted, coordinator }) => {
	const contributors = [await scripted(SLOW), await scripted(SLOW)];
	const chat = await open('/chat');
	await untilServed(chat, coordinator, 2);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await (await busyOf(contributors)).reload();
	await expect(answerText(chat)).toHaveText(whole);
});

test('when the only contributor is killed, the words stay and the next step is named', async ({
	open,
	scripted,
	coordinator
}) => {
	const contributor = await scripted(SLOW);
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await contributor.evaluate(() => window.session.leave());
	await expect(lastAnswer(chat).getByText(/The contributor (left|is about to leave)/)).toBeVisible({
		timeout: 30_000
	});
	await expect(answerText(chat)).toContainText('w10 ');
	await expect(lastAnswer(chat).getByRole('button').first()).toBeVisible();
});

test('an answer goes on while the coordinator restarts', async ({
	open,
	scripted,
	coordinator
}) => {
	const contributor = await scripted({ length: 200, delayMs: 25 });
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await coordinator.restart();
	await expect(answerText(chat)).toHaveText(words(0, 200).trim(), { timeout: 20_000 });
	expect(await chat.getByText('Connection restored').count()).toBe(0);
	await untilServed(contributor, coordinator);
	await ask(chat, MODEL.id, 'again');
	await expect(lastAnswer(chat).locator('.markdown')).toContainText('w5 ');
});

test('who comes second waits and sees its place', async ({ open, scripted, coordinator }) => {
	await scripted(SLOW);
	const [first, second] = await Promise.all([open('/chat'), open('/chat')]);
	await untilServed(first, coordinator);
	await ask(first, MODEL.id, 'count');
	await inTheMiddle(first);
	await ask(second, MODEL.id, 'count');
	await expect(second.getByText('place 1 in the queue')).toBeVisible();
	await expect(answerText(first)).toHaveText(whole);
	await expect(answerText(second)).toHaveText(whole);
});

test('a reload of the chat keeps the words, and the answer can be continued', async ({
	open,
	scripted,
	coordinator
}) => {
	await scripted(SLOW);
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	await inTheMiddle(chat);
	await chat.reload();
	await expect(chat.getByText('This answer was broken off')).toBeVisible();
	await expect(answerText(chat)).toContainText('w5 ');
	await chat.getByRole('button', { name: 'Continue' }).click();
	await expect(answerText(chat)).toHaveText(whole);
});

test('a contributor whose engine falls silent is left, and the page says so', async ({
	open,
	scripted,
	coordinator
}) => {
	await scripted({ length: 50, failAt: { token: 20, kind: 'device_lost' } });
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	const stopped = lastAnswer(chat).getByText('The model stopped working');
	await expect(stopped).toBeVisible({ timeout: 30_000 });
	await expect(answerText(chat)).toContainText('w19');
});

test('a question longer than the context is refused with a next step', async ({
	open,
	scripted,
	coordinator
}) => {
	await scripted({ length: 50, failAt: { token: -1, kind: 'too_long' } });
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'x'.repeat(20_000));
	await expect(
		lastAnswer(chat).getByText('This chat is longer than the model can read.')
	).toBeVisible();
	await expect(lastAnswer(chat).getByRole('button', { name: 'New chat' })).toBeVisible();
});

test('with nobody there the chat says so and points to contributing', async ({ open }) => {
	const chat = await open('/chat');
	await expect(chat.getByText('Nobody serves a model right now.')).toBeVisible();
	await expect(chat.getByRole('main').getByRole('link', { name: 'Contribute' })).toBeVisible();
});

test('model output is text: markup and scripts in it do nothing', async ({
	open,
	scripted,
	coordinator
}) => {
	await scripted({
		length: 1,
		words: [
			'<img src=x onerror=alert(1)> <script>alert(2)</script> [a](javascript:alert(3)) **bold**'
		]
	});
	const chat = await open('/chat');
	let dialogs = 0;
	chat.on('dialog', (dialog) => {
		dialogs++;
		void dialog.dismiss();
	});
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'hack');
	await expect(answerText(chat)).toContainText('<script>alert(2)</script>');
	await expect(answerText(chat).locator('img, script, a[href^="javascript"]')).toHaveCount(0);
	await expect(answerText(chat).locator('strong')).toHaveText('bold');
	expect(dialogs).toBe(0);
});
