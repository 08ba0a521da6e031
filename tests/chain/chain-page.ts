/** A page that pays from a wallet, with the product's own client and nothing of Node. */
import { askFaucet, fetchChainInfo } from '../../src/lib/chain/coordinator-chain.ts';
import { openTonClient } from '../../src/lib/chain/ton-client.ts';

export interface PageReport {
	network: string;
	hadBuffer: boolean;
	balanceNano: string;
	receivedNano: string;
	transactions: number;
}

declare global {
	interface Window {
		pay(amountNano: string): Promise<PageReport>;
	}
}

window.pay = async (amountNano) => {
	const coordinator = new URL(location.origin);
	const hadBuffer = 'Buffer' in globalThis;
	const { network } = await fetchChainInfo(coordinator);
	const client = await openTonClient(coordinator);
	// After the client: it brings what TON's code needs while it loads.
	const { TestWallet, eventually } = await import('../../src/lib/chain/testing/test-wallet.ts');
	const { Address } = await import('@ton/core');
	const alice = new TestWallet(client, 1);
	const bob = new Address(0, Buffer.alloc(32, 2));
	await askFaucet(coordinator, alice.address.toString());
	await eventually(async () => (await alice.balance()) > 0n, 'the coins');
	await alice.send({ to: bob, value: BigInt(amountNano), seqno: 0 });
	await eventually(async () => (await alice.seqno()) === 1, 'the transfer');
	return {
		...{ network, hadBuffer },
		balanceNano: (await alice.balance()).toString(),
		receivedNano: (await client.getBalance(bob)).toString(),
		transactions: (await client.getTransactions(alice.address, { limit: 5 })).length
	};
};
