import AxeBuilder from '@axe-core/playwright';
import { rmSync } from 'node:fs';
import { chromium, type Page } from 'playwright/test';
import { CHROMIUM_ARGS_WITHOUT_GPU, chromiumPath } from '../../scripts/chromium.ts';
import { CoordinatorProcess } from '../support/coordinator-process.ts';
import { MODEL } from '../support/memory-contributor.ts';
import { alteredGuide } from './altered-guide.ts';
import {
	answerText,
	ask,
	expect,
	GUIDE,
	startContributing,
	test,
	untilServed
} from './fixtures.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

async function isAccessible(page: Page): Promise<void> {
	for (const theme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
		const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
		expect(violations.map(({ id, nodes }) => `${theme} ${id}: ${nodes[0]?.html}`)).toEqual([]);
	}
}

/** No page may scroll sideways, down to the narrowest phones. */
async function fits(page: Page): Promise<void> {
	for (const width of [320, 360, 1280]) {
		await page.setViewportSize({ width, height: 800 });
		const overflow = await page.evaluate(
			() => document.documentElement.scrollWidth - document.documentElement.clientWidth
		);
		expect(overflow, `${page.url()} at ${width} px`).toBeLessThanOrEqual(0);
	}
}

for (const route of ['/', '/chat', '/contribute', '/no-such-page']) {
	test(`${route} is accessible in both themes and fits every width`, async ({ open }) => {
		const page = await open(route);
		await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
		await page.waitForLoadState('networkidle');
		await fits(page);
		await isAccessible(page);
	});
}

test('a chat with an answer is accessible while it streams and after', async ({
	open,
	scripted,
	coordinator
}) => {
	await scripted({ length: 400, delayMs: 30 });
	const chat = await open('/chat');
	await untilServed(chat, coordinator);
	await ask(chat, MODEL.id, 'count');
	await expect(answerText(chat)).toContainText('w5 ');
	await isAccessible(chat);
	await chat.getByRole('button', { name: 'Stop' }).click();
	await expect(chat.getByText('You stopped this answer.').first()).toBeVisible();
	await fits(chat);
	await isAccessible(chat);
});

test('a contributor at work is accessible', async ({ open }) => {
	const page = await open('/contribute');
	await startContributing(page);
	await fits(page);
	await isAccessible(page);
});

test('French is complete where it is chosen, and stays chosen', async ({ open }) => {
	const page = await open('/');
	await page.getByRole('button', { name: 'Français' }).click();
	await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
	await expect(page.getByRole('link', { name: 'Contribuer' }).first()).toBeVisible();
	await page.goto(page.url().replace(/\/$/, '/contribute'));
	await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
});

test('live figures on the start page count contributors', async ({
	open,
	scripted,
	coordinator
}) => {
	await scripted({ length: 5 });
	const page = await open('/');
	await untilServed(page, coordinator);
	await page.reload();
	await expect(page.getByText(/^1$/).first()).toBeVisible();
});

test('PeerJS gets the coordinator’s ICE servers and never its own default', async ({ browser }) => {
	const ice = [{ urls: ['stun:127.0.0.1:9'] }];
	for (const [given, expected] of [
		['[]', []],
		[JSON.stringify(ice), ice]
	] as const) {
		const coordinator = await CoordinatorProcess.start({
			ICE_SERVERS: given
		});
		const context = await browser.newContext();
		const contributor = await context.newPage();
		await contributor.goto(`${coordinator.url}/contribute`);
		await startContributing(contributor);
		const asker = await browser.newContext();
		const chat = await asker.newPage();
		await chat.addInitScript(() => {
			const seen: unknown[] = [];
			Object.assign(window, { iceSeen: seen });
			// PeerJS also makes one with its own servers while it loads, to see what the browser can do,
			// and closes it. Only a connection with a local description asks its servers anything.
			window.RTCPeerConnection = class extends RTCPeerConnection {
				override setLocalDescription(...given: [RTCLocalSessionDescriptionInit?]): Promise<void> {
					seen.push(this.getConfiguration().iceServers);
					return super.setLocalDescription(...given);
				}
			};
		});
		await chat.goto(`${coordinator.url}/chat`);
		await ask(chat, GUIDE.id, 'hello');
		await expect(answerText(chat)).not.toBeEmpty();
		const seen = await chat.evaluate(() => (window as unknown as { iceSeen: unknown[] }).iceSeen);
		expect(seen.length).toBeGreaterThan(0);
		// Chromium adds empty credentials; a longer list would not match.
		for (const each of seen) expect(each).toMatchObject([...expected]);
		await context.close();
		await asker.close();
		await coordinator.stop();
	}
});

test('an altered model file is refused with both hashes and can be fetched again', async ({
	browser
}) => {
	const { folder, file } = alteredGuide();
	const coordinator = await CoordinatorProcess.start({ MODELS_DIR: folder });
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(`${coordinator.url}/contribute`);
	await page.locator('label', { hasText: GUIDE.name }).click();
	await page.getByRole('button', { name: 'Start contributing' }).click();
	await expect(
		page.getByRole('heading', { name: 'The files are not the ones the catalogue names' })
	).toBeVisible({ timeout: 30_000 });
	await expect(page.getByText(/[0-9a-f]{64}.*[0-9a-f]{64}/)).toBeVisible();
	// Without the operator's copy the one of the pages is served again.
	rmSync(file);
	await page.getByRole('button', { name: 'Fetch the file again' }).click();
	await expect(page.getByRole('heading', { name: 'Waiting for questions' })).toBeVisible({
		timeout: 30_000
	});
	await context.close();
	await coordinator.stop();
});

test('without WebGPU the page says so and asks before it uses the processor', async ({
	coordinator
}) => {
	const browser = await chromium.launch({
		executablePath: chromiumPath(),
		args: CHROMIUM_ARGS_WITHOUT_GPU
	});
	const page = await browser.newPage({ locale: 'en-GB' });
	await page.goto(`${coordinator.url}/contribute`);
	await expect(page.getByText('no access to a graphics card (WebGPU)')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Start contributing' })).toHaveCount(0);
	await page.getByRole('button', { name: 'Use the processor instead' }).click();
	await startContributing(page);
	await browser.close();
});
