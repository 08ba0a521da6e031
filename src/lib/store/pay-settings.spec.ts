import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DEFAULT_PAY_SETTINGS, loadPaySettings, savePaySettings } from './pay-settings.ts';

let kept: Map<string, string>;
beforeEach(() => {
	kept = new Map();
	vi.stubGlobal('localStorage', {
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, value: string) => void kept.set(key, value)
	});
});
afterEach(() => vi.unstubAllGlobals());

it('is free answers alone until somebody chooses otherwise, and is remembered', () => {
	expect(loadPaySettings()).toBe(DEFAULT_PAY_SETTINGS);
	expect(DEFAULT_PAY_SETTINGS.choice).toBe('free');
	const chosen = { choice: 'both' as const, answerLimitNano: 2n ** 60n, dayLimitNano: 7n };
	savePaySettings(chosen);
	expect(loadPaySettings()).toEqual(chosen);
});

it('falls back where somebody else wrote, or nothing may be stored', () => {
	for (const text of [
		'',
		'{',
		'[]',
		'{"choice":"all"}',
		'{"choice":"both","answerLimitNano":"-1"}'
	]) {
		kept.set('mulberry-pay', text);
		expect(loadPaySettings()).toEqual(DEFAULT_PAY_SETTINGS);
	}
	vi.stubGlobal('localStorage', {
		getItem: () => {
			throw new Error('denied');
		},
		setItem: () => {
			throw new Error('denied');
		}
	});
	savePaySettings(DEFAULT_PAY_SETTINGS);
	expect(loadPaySettings()).toEqual(DEFAULT_PAY_SETTINGS);
});
