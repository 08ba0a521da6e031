import { expect, type Page } from 'playwright/test';
import type { CoordinatorProcess } from '../support/coordinator-process.ts';

/** What people do with wallet and purse, by the page's own controls. */

export const COIN = 'devnet TON';

export const panel = (page: Page) => page.getByRole('dialog', { name: 'Wallet and purse' });
export const approval = (page: Page) =>
	page.getByRole('dialog', { name: /^(Connect to|Send) .*\?$/ });
export const purseFree = (page: Page) => panel(page).getByTestId('purse-free');
export const walletBalance = (page: Page) => panel(page).getByTestId('wallet-balance');
export const movements = (page: Page, state: string) =>
	panel(page).locator(`section:has-text("Movements") li[data-state="${state}"]`);

export async function openPanel(page: Page): Promise<void> {
	await page.getByRole('button', { name: /^(Wallet|Purse: .*)$/ }).click();
	await expect(panel(page)).toBeVisible();
}

export async function confirm(page: Page): Promise<void> {
	await approval(page).getByRole('button', { name: 'Confirm' }).click();
	await expect(approval(page)).toBeHidden();
}

export async function connect(page: Page): Promise<void> {
	await panel(page).getByRole('button', { name: 'Connect a wallet' }).click();
	await confirm(page);
	await expect(walletBalance(page)).toBeVisible();
}

export async function getCoins(page: Page): Promise<void> {
	await panel(page)
		.getByRole('button', { name: `Get 5 ${COIN}` })
		.click();
	await expect(walletBalance(page)).toHaveText(`5 ${COIN}`);
}

export async function deposit(page: Page, chip: string): Promise<void> {
	await panel(page)
		.getByRole('button', { name: `${chip} ${COIN}`, exact: true })
		.click();
	await panel(page).getByRole('button', { name: 'Deposit' }).click();
}

export async function travel(coordinator: CoordinatorProcess, seconds: number): Promise<void> {
	const answer = await fetch(`${coordinator.url}/api/chain/advance`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ seconds })
	});
	expect(answer.status).toBe(200);
}
