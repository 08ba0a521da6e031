import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { inRoot } from '../../scripts/root.ts';
import { chatFileText, parseChatFile } from '../../src/lib/log/chat-file.ts';
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
import { fits, isAccessible } from './looks.ts';

/** The operator's command, as people run it beside a coordinator. */
function anchor({ url, dataDir }: CoordinatorProcess): Promise<string> {
	const args = [inRoot('scripts/mulberry.ts'), 'anchor', '--coordinator', url];
	return new Promise((resolve, reject) => {
		const env = { ...process.env, DATA_DIR: dataDir };
		execFile(process.execPath, args, { env }, (error, out, err) =>
			error ? reject(new Error(`${out}${err}`)) : resolve(out)
		);
	});
}

const json = (text: string) => ({
	name: 'chat.json',
	mimeType: 'application/json',
	buffer: Buffer.from(text)
});
const choose = (page: Page, text: string) =>
	page.getByLabel('Choose a file').setInputFiles(json(text));
const result = (page: Page) => page.locator('[data-result]');
const step = (page: Page, name: string) => page.locator(`li[data-step="${name}"]`);
const receiptOf = (page: Page) => lastAnswer(page).locator('details').filter({ hasText: 'Verify' });

async function answered(page: Page, coordinator: CoordinatorProcess): Promise<void> {
	await untilServed(page, coordinator);
	await ask(page, GUIDE.id, 'What is Mulberry?');
	await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
}

/** Exported once the log has proven that it has the receipt. */
async function exported(page: Page): Promise<string> {
	let text = '';
	await expect(async () => {
		const saving = page.waitForEvent('download');
		await page.getByRole('button', { name: 'Export with receipts' }).click();
		text = readFileSync(await (await saving).path(), 'utf8');
		expect(text).toContain('"logged"');
	}).toPass({ timeout: 15_000 });
	return text;
}

/** The same chat with one letter of its answer changed, and nothing else. */
function altered(text: string): string {
	const parsed = parseChatFile(text);
	if (!parsed.ok) throw new Error(parsed.reason);
	const turns = parsed.value.turns.map((turn) =>
		turn.kind === 'answer' ? { ...turn, text: turn.text.replace(/[a-y]/, 'z') } : turn
	);
	return chatFileText({ ...parsed.value, turns });
}

test('an answer is anchored and verified; one changed letter of it is found', async ({
	open,
	coordinator
}) => {
	test.setTimeout(180_000);
	await startContributing(await open('/contribute'));
	const chat = await open('/chat');
	await answered(chat, coordinator);
	const text = await exported(chat);

	const verify = await open('/verify');
	await choose(verify, text);
	await expect(result(verify)).toHaveText('Nothing fails, but not everything could be checked.');
	await expect(step(verify, 'anchor')).toContainText('Not anchored on TON');

	const network = await open('/network');
	const anchors = network.locator('[data-anchor]');
	await expect(anchors).toHaveAttribute('data-anchor', 'never');
	expect(await anchor(coordinator)).toMatch(/^Anchored \d+ entries/);
	await network.reload();
	await expect(anchors).toHaveAttribute('data-anchor', 'holds', { timeout: 20_000 });
	await expect(network.locator('[data-catalogue]')).toHaveAttribute('data-catalogue', 'same');
	await fits(network);
	await isAccessible(network);

	await choose(verify, text);
	await expect(result(verify)).toHaveText('Everything holds.', { timeout: 20_000 });
	await expect(verify.locator('li[data-outcome="holds"]')).toHaveCount(6);
	await fits(verify);
	await isAccessible(verify);

	await choose(verify, altered(text));
	await expect(result(verify)).toHaveText('Something does not hold.');
	await expect(verify.locator('li[data-outcome="fails"]')).toHaveCount(1);
	await expect(step(verify, 'text')).toContainText('The answer is not the one that was signed.');
	await fits(verify);
	await isAccessible(verify);
});

test('a receipt has a link that says everything but the words', async ({ open, coordinator }) => {
	await startContributing(await open('/contribute'));
	const chat = await open('/chat');
	await answered(chat, coordinator);
	await exported(chat);
	await receiptOf(chat).getByText('Receipt', { exact: true }).click();
	await expect(receiptOf(chat)).toContainText(/covers \d+ characters/);
	await isAccessible(chat);
	await chat.getByRole('link', { name: /^Verify / }).click();
	await expect(result(chat)).toHaveText('Nothing fails, but not everything could be checked.');
	const { hash } = new URL(chat.url());

	const stranger = await open(`/verify${hash}`);
	await expect(result(stranger)).toHaveAttribute('data-result', 'open');
	await expect(step(stranger, 'signature')).toHaveAttribute('data-outcome', 'holds');
	await expect(step(stranger, 'text')).toContainText('The words are not here');
	await expect(step(stranger, 'entry')).toHaveAttribute('data-outcome', 'holds');
	await expect(step(stranger, 'model')).toHaveAttribute('data-outcome', 'holds');
	await fits(stranger);
	await isAccessible(stranger);

	const forged = await open(`/verify${hash.slice(0, -4)}AAAA`);
	await expect(step(forged, 'signature')).toHaveAttribute('data-outcome', 'fails');
	await expect(result(forged)).toHaveAttribute('data-result', 'fails');
});

test('a chat is imported into another browser, and what was altered stays marked', async ({
	open,
	coordinator
}) => {
	await startContributing(await open('/contribute'));
	const chat = await open('/chat');
	await answered(chat, coordinator);
	const words = await lastAnswer(chat).locator('.markdown').innerText();
	const text = await exported(chat);

	const other = await open('/chat');
	const importing = other.getByLabel('Import a chat');
	const told = other.getByRole('region', { name: 'Export and import' }).getByRole('status');
	await importing.setInputFiles(json(text));
	await expect(told).toContainText('Imported');
	await expect(told).not.toContainText('does not hold');
	expect(await lastAnswer(other).locator('.markdown').innerText()).toBe(words);
	await expect(receiptOf(other)).toContainText('Receipt');

	await importing.setInputFiles(json(altered(text)));
	await expect(told).toContainText('something does not hold');
	await other.reload();
	await expect(
		receiptOf(other).getByText('The receipt does not fit', { exact: true })
	).toBeVisible();
	await isAccessible(other);

	await importing.setInputFiles(json('{}'));
	await expect(told).toHaveText('This is not an exported chat.');
});

test('the page verifies what is dropped while the coordinator is away', async ({
	open,
	coordinator
}) => {
	await startContributing(await open('/contribute'));
	const chat = await open('/chat');
	await answered(chat, coordinator);
	const text = await exported(chat);
	const verify = await open('/verify');
	await verify.waitForLoadState('networkidle');
	await verify.context().setOffline(true);
	await choose(verify, text);
	await expect(result(verify)).toHaveAttribute('data-result', 'open', { timeout: 20_000 });
	for (const name of ['signature', 'text', 'entry']) {
		await expect(step(verify, name)).toHaveAttribute('data-outcome', 'holds');
	}
	await expect(step(verify, 'head')).toContainText('the coordinator could not be reached');
});
