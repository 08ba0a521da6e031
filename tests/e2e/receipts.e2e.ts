import { verifyEntry } from '../../src/lib/protocol/log-entry.ts';
import type { CoordinatorProcess } from '../support/coordinator-process.ts';
import {
	ask,
	expect,
	GUIDE,
	lastAnswer,
	startContributing,
	test,
	untilServed
} from './fixtures.ts';
import type { Page } from 'playwright/test';

const MARKER = 'yellow-giraffe-4410';

interface Log {
	size: number;
	last: string;
}

async function logOf(coordinator: CoordinatorProcess): Promise<Log> {
	const answer = await fetch(`${coordinator.url}/api/log/head`);
	const { head } = (await answer.json()) as { head: string };
	const payload = Buffer.from(head.split('.')[1] ?? '', 'base64url').toString();
	const { size } = JSON.parse(payload) as { size: number };
	if (size === 0) return { size, last: '' };
	const page = await fetch(`${coordinator.url}/api/log/entries?from=${size - 1}&count=1`);
	const { entries } = (await page.json()) as { entries: string[] };
	return { size, last: entries[0] ?? '' };
}

/** What a page still has to hand in, and the proofs that its chats hold. */
const stored = (page: Page) =>
	page.evaluate(async () => {
		const all = (name: string, store: string) =>
			new Promise<unknown[]>((resolve, reject) => {
				const opening = indexedDB.open(name);
				opening.onerror = () => reject(new Error(`cannot open ${name}`));
				opening.onsuccess = () => {
					const request = opening.result.transaction(store).objectStore(store).getAll();
					request.onsuccess = () => resolve(request.result);
					request.onerror = () => reject(new Error(`cannot read ${store}`));
				};
			});
		const undelivered = await all('mulberry-log', 'undelivered');
		const proofs = (await all('mulberry-chats', 'proofs')) as {
			parts: { evidence: { entry: string }; logged: { index: number } | null }[];
		}[];
		return { undelivered, parts: proofs.flatMap(({ parts }) => parts) };
	});

test.describe('an answer leaves a receipt', () => {
	test('that both tabs hand in, once, and the chat keeps with its proof', async ({
		open,
		coordinator
	}) => {
		const before = await logOf(coordinator);
		const contributor = await open('/contribute');
		await startContributing(contributor);
		const chat = await open('/chat');
		await untilServed(chat, coordinator);
		await ask(chat, GUIDE.id, `What is ${MARKER}?`);
		await expect(lastAnswer(chat)).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
		await expect.poll(async () => (await logOf(coordinator)).size).toBe(before.size + 1);
		await expect.poll(async () => (await stored(chat)).undelivered).toEqual([]);
		const { last } = await logOf(coordinator);
		const verified = await verifyEntry(last);
		expect(verified).toMatchObject({
			ok: true,
			value: { kind: 'receipt', receipt: { model: GUIDE.id, nano: '0' } }
		});
		expect(Buffer.from(last.split('.')[1] ?? '', 'base64url').toString()).not.toContain(MARKER);
		const { parts } = await stored(chat);
		expect(parts).toMatchObject([{ evidence: { entry: last }, logged: { index: before.size } }]);
	});

	test('or a record, when the contributor goes in the middle of it', async ({
		open,
		scripted,
		coordinator
	}) => {
		const before = await logOf(coordinator);
		const contributor = await scripted({ length: 500, delayMs: 30 });
		const chat = await open('/chat');
		await untilServed(chat, coordinator);
		await ask(chat, 'counting', `Count for ${MARKER}`);
		// Past the first run of 32 tokens, so that some of it is covered.
		await expect(lastAnswer(chat)).toContainText('w40 ', { timeout: 40_000 });
		await contributor.evaluate(() => window.session.leave());
		await expect(lastAnswer(chat)).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
		await expect.poll(async () => (await logOf(coordinator)).size).toBe(before.size + 1);
		const verified = await verifyEntry((await logOf(coordinator)).last);
		expect(verified).toMatchObject({ ok: true, value: { kind: 'record' } });
	});
});
