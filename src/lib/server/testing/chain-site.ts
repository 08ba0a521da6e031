import { askFaucet } from '../../chain/coordinator-chain.ts';
import { compileProbe, type Probe } from '../../chain/testing/probe.ts';
import { eventually, TestWallet } from '../../chain/testing/test-wallet.ts';
import { openTonClient } from '../../chain/ton-client.ts';
import { startCoordinator, type TestCoordinator } from './start-coordinator.ts';

export const TON = 1_000_000_000n;

export interface ChainSite {
	server: TestCoordinator;
	url: URL;
	client: Awaited<ReturnType<typeof openTonClient>>;
	/** Had 10 TON, sent 1 to Bob and 1 to the probe: two transfers. */
	alice: TestWallet;
	probe: Probe;
}

/** A coordinator with a fast devnet, a client, a wallet with coins and a deployed contract. */
export async function openChainSite(
	blockMs: number,
	bob: Parameters<TestWallet['send']>[0]['to']
): Promise<ChainSite> {
	const server = await startCoordinator({
		devnetBlockMs: blockMs,
		requestsPerSecond: 10_000,
		chainRequestsPerSecond: 10_000
	});
	const url = new URL(`http://127.0.0.1:${server.port}`);
	const [client, probe] = await Promise.all([openTonClient(url), compileProbe(1)]);
	const alice = new TestWallet(client, 1);
	await askFaucet(url, alice.address.toString(), 10n * TON);
	await eventually(async () => (await alice.balance()) === 10n * TON, 'the coins');
	await alice.send({ to: bob, value: TON, seqno: 0 });
	await eventually(async () => (await alice.seqno()) === 1, 'the first transfer');
	await alice.send({ to: probe.address, value: TON, seqno: 1, init: probe.init });
	await eventually(() => client.isContractDeployed(probe.address), 'the probe');
	return { server, url, client, alice, probe };
}

/** A POST to the JSON-RPC route, by hand. */
export async function postRpc(
	url: URL,
	body: unknown
): Promise<{ status: number; body: Record<string, unknown> }> {
	const response = await fetch(new URL('/api/chain/jsonRPC', url), {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: typeof body === 'string' ? body : JSON.stringify(body)
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
