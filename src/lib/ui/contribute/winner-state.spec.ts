import { expect, it } from 'vitest';
import { NETWORKS } from '../../chain/networks.ts';
import { redemptionState, transactionUrl } from './winner-state.ts';

it.each([
	['stored', { state: 'open', attempts: 0, error: null }],
	['sent', { state: 'open', attempts: 2, error: null }],
	['failed', { state: 'open', attempts: 1, error: 'down' }],
	['seen', { state: 'seen', attempts: 1, error: null }],
	['paid', { state: 'paid', attempts: 1, error: 'its transaction was not found' }],
	['expired', { state: 'expired', attempts: 9, error: 'down' }]
] as const)('a winner is %s', (state, winner) => {
	expect(redemptionState(winner)).toBe(state);
});

it('links to a transaction where the network can be looked up, and only with a hash', () => {
	const hash = 'ab'.repeat(32);
	const { explorer } = NETWORKS.mainnet;
	expect(transactionUrl(explorer, hash)).toBe(`https://tonviewer.com/transaction/${hash}`);
	expect(transactionUrl(explorer, `${hash}/../evil`)).toBeNull();
	expect(transactionUrl(NETWORKS.devnet.explorer, hash)).toBeNull();
});
