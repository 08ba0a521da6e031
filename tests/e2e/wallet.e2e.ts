import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { bridgesOf } from '../../src/lib/chain/tonconnect/wallet-list.ts';
import { CoordinatorProcess } from '../support/coordinator-process.ts';
import { expect, test as base, untilServed } from './fixtures.ts';
import {
	approval,
	COIN,
	confirm,
	connect,
	deposit,
	getCoins,
	movements,
	openPanel,
	panel,
	purseFree,
	travel,
	walletBalance
} from './wallet-steps.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** A coordinator whose chain is quick and whose time can be moved. */
const test = base.extend<object, { coordinator: CoordinatorProcess }>({
	coordinator: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
		async ({}, use) => {
			const coordinator = await CoordinatorProcess.start({
				...{ DEVNET_BLOCK_MS: '500', DEVNET_TIME_TRAVEL: '1' }
			});
			await use(coordinator);
			await coordinator.stop();
		},
		{ scope: 'worker' }
	]
});

async function isAccessible(page: Page): Promise<void> {
	for (const theme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
		const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
		expect(violations.map(({ id, nodes }) => `${theme} ${id}: ${nodes[0]?.html}`)).toEqual([]);
	}
}

test('a free chat loads nothing of a wallet', async ({ browser, coordinator }) => {
	const context = await browser.newContext({ locale: 'en-GB' });
	const page = await context.newPage();
	const scripts: string[] = [];
	page.on('response', async (response) => {
		if (/\.js(\?|$)/.test(response.url())) scripts.push(await response.text().catch(() => ''));
	});
	const chainCalls: string[] = [];
	page.on('request', (request) => {
		if (request.url().includes('/api/chain')) chainCalls.push(request.url());
	});
	await page.goto(`${coordinator.url}/chat`);
	await page.getByRole('textbox', { name: 'Your message' }).fill('hello');
	await page.waitForLoadState('networkidle');
	const wallet = /ton-connect-storage|purse_info|WalletContractV5R1/;
	expect(scripts.length).toBeGreaterThan(5);
	expect(scripts.filter((text) => wallet.test(text))).toEqual([]);
	expect(chainCalls).toEqual([]);

	// And the same search finds it once somebody asks.
	await openPanel(page);
	await expect.poll(() => scripts.some((text) => wallet.test(text))).toBe(true);
	await context.close();
});

test('a purse is opened, topped up, emptied, unlocked, locked and closed', async ({
	open,
	coordinator
}) => {
	const page = await open('/chat');
	await expect(page.getByText('Local test network.')).toBeVisible();
	await openPanel(page);
	await connect(page);
	await getCoins(page);

	await panel(page)
		.getByRole('button', { name: `1 ${COIN}`, exact: true })
		.click();
	await expect(panel(page).getByText(/0\.08 devnet TON become the reserve/)).toBeVisible();
	await panel(page).getByRole('button', { name: 'Deposit' }).click();
	await expect(approval(page)).toContainText(`Send 1 ${COIN}?`);
	await expect(approval(page)).toContainText('Deposit into a purse. Opens the purse.');
	await confirm(page);
	await expect(purseFree(page)).toHaveText(/^0\.917\d devnet TON$/);
	await expect(movements(page, 'done')).toContainText(`Open a purse with 1 ${COIN}`);
	await expect(walletBalance(page)).toHaveText(/^3\.99\d* devnet TON$/);

	await deposit(page, '0.2');
	await confirm(page);
	await expect(purseFree(page)).toHaveText(/^1\.117\d devnet TON$/);

	await panel(page).getByText('Take money out').click();
	await panel(page)
		.getByLabel(/^Amount, up to 1\.117/)
		.fill('0,5');
	await panel(page).getByRole('button', { name: 'Withdraw', exact: true }).click();
	await confirm(page);
	await expect(purseFree(page)).toHaveText(/^0\.617\d devnet TON$/);
	await expect(walletBalance(page)).toHaveText(/^4\.29\d* devnet TON$/);

	await panel(page).getByRole('button', { name: 'Unlock the reserve' }).click();
	await confirm(page);
	await expect(panel(page).getByText('The reserve is being unlocked')).toBeVisible();
	await panel(page).getByRole('button', { name: 'Lock it again' }).click();
	await confirm(page);
	await expect(panel(page).getByText('The reserve is being unlocked')).toBeHidden();
	await panel(page).getByRole('button', { name: 'Unlock the reserve' }).click();
	await confirm(page);
	const close = panel(page).getByRole('button', { name: 'Close the purse' });
	await expect(close).toBeDisabled();
	await travel(coordinator, 3_605);
	await panel(page).getByRole('button', { name: 'Close', exact: true }).click();
	await openPanel(page);
	await expect(close).toBeEnabled();
	await close.click();
	await confirm(page);
	await expect(panel(page).getByText('You have no purse in this browser.')).toBeVisible();
	await expect(walletBalance(page)).toHaveText(/^4\.99\d* devnet TON$/);
});

test('a deposit survives a reload while the wallet asks, and after it has sent', async ({
	open
}) => {
	const page = await open('/chat');
	await openPanel(page);
	await connect(page);
	await getCoins(page);

	// The page goes while the wallet asks: nothing was sent, and the page knows that it may have been.
	await deposit(page, '1');
	await expect(approval(page)).toBeVisible();
	await page.reload();
	await openPanel(page);
	await expect(movements(page, 'asked')).toContainText(`Open a purse with 1 ${COIN}`);
	// The wallet of the last visit is there again without asking.
	await expect(walletBalance(page)).toHaveText(`5 ${COIN}`);

	// The page goes right after the wallet has sent: the chain tells the rest, to the same purse.
	await deposit(page, '1');
	await confirm(page);
	await page.reload();
	await openPanel(page);
	await expect(purseFree(page)).toHaveText(/^0\.917\d devnet TON$/);
	await expect(movements(page, 'done')).toHaveCount(1);
	await page.getByRole('button', { name: 'Close', exact: true }).click();
	await expect(page.getByRole('button', { name: /^Purse: 0\.917/ })).toBeVisible();
});

test('a refusal in the wallet is “cancelled”, and nothing is left of it', async ({ open }) => {
	const page = await open('/chat');
	await openPanel(page);
	await panel(page).getByRole('button', { name: 'Connect a wallet' }).click();
	await approval(page).getByRole('button', { name: 'Refuse' }).click();
	await expect(panel(page).getByText('Cancelled. Nothing was sent.')).toBeVisible();

	await connect(page);
	await getCoins(page);
	await deposit(page, '0.2');
	await expect(approval(page)).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(panel(page).getByText('Cancelled. Nothing was sent.')).toBeVisible();
	await expect(movements(page, 'asked')).toHaveCount(0);
	await expect(walletBalance(page)).toHaveText(`5 ${COIN}`);
	await panel(page).getByRole('button', { name: 'Disconnect' }).click();
	await expect(panel(page).getByRole('button', { name: 'Connect a wallet' })).toBeVisible();
});

test('who has lost the keys moves over to a new purse', async ({ open, browser, coordinator }) => {
	const context = await browser.newContext({ locale: 'en-GB' });
	const page = await open('/chat', context);
	await openPanel(page);
	await connect(page);
	await getCoins(page);
	await deposit(page, '1');
	await confirm(page);
	await expect(purseFree(page)).toBeVisible();
	// What a wiped browser has lost, but for the wallet, which people have elsewhere.
	await page.evaluate(async () => {
		await new Promise((resolve, reject) => {
			const wiped = indexedDB.deleteDatabase('mulberry-purses');
			wiped.onsuccess = resolve;
			wiped.onblocked = resolve;
			wiped.onerror = reject;
		});
	});
	await page.reload();
	await openPanel(page);
	const others = panel(page).locator('section', { hasText: 'Other purses of this wallet' });
	await expect(others).toContainText('Purse 1: 0.917');
	await others.getByRole('button', { name: 'Empty and unlock it' }).click();
	await confirm(page);
	await expect(others).toContainText('It can be closed from');
	await deposit(page, '0.2');
	await confirm(page);
	await expect(purseFree(page)).toHaveText(/^0\.117\d devnet TON$/);
	await travel(coordinator, 3_605);
	await page.reload();
	await openPanel(page);
	await others.getByRole('button', { name: 'Close it and take the rest' }).click();
	await confirm(page);
	await expect(others).toBeHidden();
	await expect(walletBalance(page)).toHaveText(/^4\.79\d* devnet TON$/);
});

test('the wallet’s dialogs are accessible and fit the narrowest phones', async ({ open }) => {
	const page = await open('/chat');
	await openPanel(page);
	await isAccessible(page);
	await connect(page);
	await getCoins(page);
	await panel(page).getByText('Free and paid.').click();
	await deposit(page, '1');
	await isAccessible(page);
	await confirm(page);
	await expect(purseFree(page)).toBeVisible();
	await panel(page).getByText('Take money out').click();
	await isAccessible(page);
	for (const width of [320, 360, 1280]) {
		await page.setViewportSize({ width, height: 800 });
		const overflow = await panel(page).evaluate((node) => node.scrollWidth - node.clientWidth);
		expect(overflow, `the panel at ${width} px`).toBeLessThanOrEqual(0);
	}
});

test('who pays sees before sending what it costs and what the purse has', async ({
	open,
	scripted,
	coordinator
}) => {
	await scripted({ length: 5 });
	const page = await open('/chat');
	await untilServed(page, coordinator);
	const estimate = page.getByTestId('cost-estimate');
	const question = page.getByRole('textbox', { name: 'Your message' });
	await expect(page.getByRole('combobox', { name: 'Model' })).toBeVisible();
	await question.fill('hello');
	await expect(estimate).toHaveCount(0);
	await openPanel(page);
	await connect(page);
	await getCoins(page);
	await panel(page).getByText('Free and paid.').click();
	await deposit(page, '1');
	await confirm(page);
	await expect(purseFree(page)).toBeVisible();
	await panel(page).getByRole('button', { name: 'Close', exact: true }).click();
	// The scripted contributor asks for nothing.
	await expect(estimate).toHaveText(
		/^This model is free right now\.\s+Your purse has 0\.917\d devnet TON\.$/
	);
	// A dear one, as the coordinator would list it.
	await page.route('**/api/network', async (route) => {
		const answer = await route.fetch();
		const figures = (await answer.json()) as { models: object[] };
		const models = figures.models.map((model) => ({
			...{ ...model, promptPrice: '20000000', completionPrice: '160000000' }
		}));
		await route.fulfill({ response: answer, json: { ...figures, models } });
	});
	await expect(estimate).toHaveText(
		/^Cost: about 0\.0000480* devnet TON, at most 0\.00016\d* devnet TON \(estimate\)\.\s+Your purse/
	);
	// The choice is remembered, so the purse is there after a reload without a press.
	await page.reload();
	await expect(page.getByRole('button', { name: /^Purse: 0\.917/ })).toBeVisible();
});

test('a browser that keeps nothing gets no purse, and chats all the same', async ({
	browser,
	coordinator
}) => {
	const context = await browser.newContext({ locale: 'en-GB' });
	const page = await context.newPage();
	await page.addInitScript(() => {
		IDBFactory.prototype.open = () => {
			throw new DOMException('denied', 'SecurityError');
		};
	});
	await page.goto(`${coordinator.url}/chat`);
	await page.getByRole('button', { name: 'Wallet', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('Free chats work without it.');
	await expect(page.getByRole('textbox', { name: 'Your message' })).toBeEnabled();
	await context.close();
});

test('keyboard alone is enough', async ({ open }) => {
	const page = await open('/chat');
	await page.locator('#chat-wallet').focus();
	await page.keyboard.press('Enter');
	await expect(panel(page)).toBeVisible();
	await panel(page).getByRole('button', { name: 'Connect a wallet' }).focus();
	await page.keyboard.press('Enter');
	await expect(approval(page)).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(panel(page).getByText('Cancelled. Nothing was sent.')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(panel(page)).toBeHidden();
	await expect(page.locator('#chat-wallet')).toBeFocused();
});

test('on testnet the list of wallets asks nobody but the bridges of its wallets, and those late', async ({
	browser
}) => {
	const coordinator = await CoordinatorProcess.start({ NETWORK: 'testnet' });
	const context = await browser.newContext({ locale: 'en-GB' });
	const page = await context.newPage();
	const others: string[] = [];
	const violations: string[] = [];
	await page.exposeFunction('reportViolation', (text: string) => violations.push(text));
	await page.addInitScript(() => {
		addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
			const { reportViolation } = window as unknown as { reportViolation(text: string): void };
			reportViolation(`${effectiveDirective} ${blockedURI}`);
		});
	});
	page.on('request', (request) => {
		const url = request.url();
		if (!url.startsWith(coordinator.url) && !/^(blob|data):/.test(url)) others.push(url);
	});
	await page.goto(`${coordinator.url}/chat`);
	await expect(page.getByText('Test network.', { exact: true })).toBeVisible();
	await openPanel(page);
	await expect(panel(page).getByRole('button', { name: /^Get / })).toHaveCount(0);
	expect(others).toEqual([]);

	await panel(page).getByRole('button', { name: 'Connect a wallet' }).click();
	await expect(page.getByText('Tonkeeper', { exact: true }).first()).toBeVisible();
	await expect(page.getByText('MyTonWallet', { exact: true }).first()).toBeVisible();
	const icons = await page
		.locator('#wallet-dialog-root img')
		.evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
	expect(icons.length).toBeGreaterThan(1);
	expect(icons.filter((width) => width === 0)).toEqual([]);
	const bridges = bridgesOf('testnet');
	expect(others.filter((url) => !bridges.some((bridge) => url.startsWith(bridge)))).toEqual([]);
	expect(violations).toEqual([]);
	// Escape takes the list away, and leaves the panel.
	await page.keyboard.press('Escape');
	await expect(panel(page).getByText('Cancelled. Nothing was sent.')).toBeVisible();
	await context.close();
	await coordinator.stop();
});
