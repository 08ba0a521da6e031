import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseAccount } from '../../chain/account.ts';
import { defaultEarnSettings, loadEarnSettings, saveEarnSettings } from './earn-settings.ts';

const payout = parseAccount(`0:${'5a'.repeat(32)}`);
const kept = new Map<string, string>();

beforeEach(() => {
	kept.clear();
	vi.stubGlobal('localStorage', {
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, text: string) => void kept.set(key, text)
	});
});

describe('what somebody earns by', () => {
	it('is paid and free at Cocoon’s price, with nobody to pay, until it is chosen', () => {
		expect(loadEarnSettings('mainnet')).toEqual({
			...{ jobs: 'both', promptNano: 20_000_000n, completionNano: 160_000_000n },
			...{ faceValueNano: 20_000_000n, payout: null, isProven: false }
		});
	});

	it('is the same after a reload', () => {
		const chosen = { ...defaultEarnSettings('mainnet'), jobs: 'paid' as const, payout };
		saveEarnSettings('mainnet', { ...chosen, promptNano: 7n });
		expect(loadEarnSettings('mainnet')).toEqual({ ...chosen, promptNano: 7n });
	});

	it('is each network’s own: an account of tests is never paid coins of value', () => {
		saveEarnSettings('devnet', { ...defaultEarnSettings('devnet'), payout });
		expect(loadEarnSettings('devnet').payout).toBe(payout);
		expect(loadEarnSettings('mainnet').payout).toBeNull();
	});

	it.each(['not JSON', 'null', '{"jobs":"paid"}', '{"jobs":"both","promptNano":"-1"}'])(
		'is the default where the browser holds %s',
		(text) => {
			kept.set('mulberry-earn-mainnet', text);
			expect(loadEarnSettings('mainnet')).toEqual(defaultEarnSettings('mainnet'));
		}
	);

	it('has no payout where the stored one is no account', () => {
		saveEarnSettings('mainnet', { ...defaultEarnSettings('mainnet'), payout });
		const text = kept.get('mulberry-earn-mainnet') ?? '';
		kept.set('mulberry-earn-mainnet', text.replace('0:5a', '7:5a'));
		expect(loadEarnSettings('mainnet').payout).toBeNull();
	});
});
