import { test as base, type BrowserContext, type Page } from 'playwright/test';
import { guideModel } from '../../src/lib/models/guide-model.ts';
import { CoordinatorProcess } from '../support/coordinator-process.ts';
import type { Script } from '../support/scripted-generator.ts';
import { SessionSite } from '../session/session-site.ts';
import type {} from '../session/session-page.ts';

export { expect } from 'playwright/test';

/** The model that people really run here: it comes with the pages. */
export const GUIDE = { id: guideModel.id, name: guideModel.name };

interface Fixtures {
	/** Opens a page of the product in a browser context of its own: another person. */
	open: (path: string, context?: BrowserContext) => Promise<Page>;
	/** A tab on which the product's contributor session serves a scripted engine. */
	scripted: (script: Script) => Promise<Page>;
}

interface WorkerFixtures {
	coordinator: CoordinatorProcess;
	sessions: SessionSite;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
	coordinator: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
		async ({}, use) => {
			const coordinator = await CoordinatorProcess.start();
			await use(coordinator);
			await coordinator.stop();
		},
		{ scope: 'worker' }
	],
	sessions: [
		async ({ coordinator, browser }, use) => {
			const site = await SessionSite.open({ coordinator, browser });
			await use(site);
			await site.close();
		},
		{ scope: 'worker' }
	],
	open: async ({ browser, coordinator }, use) => {
		const contexts = new Set<BrowserContext>();
		const faults: string[] = [];
		await use(async (path, given) => {
			const context = given ?? (await browser.newContext({ locale: 'en-GB' }));
			contexts.add(context);
			const page = await context.newPage();
			await watch(page, coordinator.url, faults);
			await page.goto(`${coordinator.url}${path}`);
			return page;
		});
		for (const context of contexts) await context.close();
		if (faults.length > 0) throw new Error(`pages misbehaved:\n${faults.join('\n')}`);
	},
	scripted: async ({ sessions }, use) => {
		const pages: Page[] = [];
		await use(async (script) => {
			const page = await sessions.newPage();
			pages.push(page);
			await page.evaluate((given) => window.session.contributeScript(given), script);
			return page;
		});
		for (const page of pages) await page.context().close();
	}
});

/** Notes what no page may ever do: break its CSP, throw, or ask another origin for anything. */
async function watch(page: Page, origin: string, faults: string[]): Promise<void> {
	page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
	page.on('request', (request) => {
		const url = request.url();
		if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) faults.push(`third party: ${url}`);
	});
	await page.exposeFunction('reportViolation', (text: string) => faults.push(`CSP: ${text}`));
	await page.addInitScript(() => {
		addEventListener('securitypolicyviolation', (event) => {
			const { reportViolation } = window as unknown as { reportViolation(text: string): void };
			reportViolation(`${event.effectiveDirective} ${event.blockedURI}`);
		});
	});
}

/** Waits until this model can be found, so that a chat does not ask too early. */
export async function untilServed(
	page: Page,
	coordinator: CoordinatorProcess,
	count = 1
): Promise<void> {
	await page.waitForTimeout(50);
	const deadline = Date.now() + 15_000;
	while (Date.now() < deadline) {
		const answer = await fetch(`${coordinator.url}/api/network`);
		const { models } = (await answer.json()) as { models: { contributors: number }[] };
		if ((models[0]?.contributors ?? 0) >= count) return;
		await page.waitForTimeout(100);
	}
	throw new Error(`${count} contributors were not listed in time`);
}

/** Starts contributing with the built-in guide by the page's own buttons. */
export async function startContributing(page: Page): Promise<void> {
	await page.locator('label', { hasText: GUIDE.name }).click();
	await page.getByRole('button', { name: 'Start contributing' }).click();
	await page.getByRole('heading', { name: 'Waiting for questions' }).waitFor({ timeout: 30_000 });
}

/** Sends a question by the page's own controls, to this model. */
export async function ask(page: Page, model: string, question: string): Promise<void> {
	const picker = page.getByRole('combobox', { name: 'Model' });
	await picker.waitFor();
	await picker.selectOption({ value: `network:${model}` });
	await page.getByRole('textbox', { name: 'Your message' }).fill(question);
	await page.getByRole('button', { name: 'Send' }).click();
}

export const lastAnswer = (page: Page) => page.getByRole('article', { name: 'Answer' }).last();
export const answerText = (page: Page) => lastAnswer(page).locator('.markdown');
