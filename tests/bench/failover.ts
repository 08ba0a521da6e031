/** A contributor's tab is killed in the middle of an answer; how long does the reader wait? */
import type { Page } from 'playwright';
import { words } from '../support/scripted-generator.ts';
import { MODEL } from '../support/memory-contributor.ts';
import { SessionSite } from '../session/session-site.ts';
import { median, spread } from './statistics.ts';

const ROUNDS = 5;
const LENGTH = 150;
const TOKENS_PER_SECOND = 30;

export async function run(): Promise<Record<string, number>> {
	const site = await SessionSite.open();
	try {
		const gaps: number[] = [];
		let wrong = 0;
		for (let round = 0; round < ROUNDS; round++) {
			const requester = await site.newPage();
			const contributors = [await site.newPage(), await site.newPage()];
			for (const page of contributors) {
				await page.evaluate(
					([length, delayMs]) => window.session.contributeScript({ length, delayMs }),
					[LENGTH, 1000 / TOKENS_PER_SECOND] as const
				);
			}
			await twoAreListed(requester);
			const asking = requester.evaluate((id) => window.session.ask(id, 'count', 1_000), MODEL.id);
			const busy = await whoGenerates(contributors);
			await new Promise((resolve) => setTimeout(resolve, 1_500));
			await crash(busy);
			const answer = await asking;
			if (answer.text !== words(0, LENGTH) || !answer.kinds.includes('continued')) wrong++;
			gaps.push(answer.longestGapMs);
			console.log(`round ${round + 1}: longest gap ${Math.round(answer.longestGapMs)} ms`);
			for (const page of [requester, ...contributors]) {
				if (page !== busy) await page.context().close();
			}
		}
		console.log(`longest gap, ms ${spread(gaps, 0)}`);
		return { gapP50Ms: median(gaps), gapMaxMs: Math.max(...gaps), lostOrDoubled: wrong };
	} finally {
		await site.close();
	}
}

async function twoAreListed(page: Page): Promise<void> {
	const deadline = Date.now() + 20_000;
	while (Date.now() < deadline) {
		const listed = await page.evaluate(async (model) => {
			const answer = await fetch(`/api/offers?model=${model}`);
			return ((await answer.json()) as { offers: unknown[] }).offers.length;
		}, MODEL.id);
		if (listed >= 2) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error('two contributors were not listed in time');
}

async function whoGenerates(pages: Page[]): Promise<Page> {
	const deadline = Date.now() + 10_000;
	while (Date.now() < deadline) {
		for (const page of pages) {
			if (await page.evaluate(() => window.session.isGenerating())) return page;
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error('nobody generates');
}

/** Ends the renderer process: no event handler runs, as when a browser is killed. */
async function crash(page: Page): Promise<void> {
	const devtools = await page.context().newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	// Never answered, since whoever should answer is gone.
	void devtools.send('Page.crash').catch(() => {});
	await crashed;
}
