/** Deploys the beacon from an operator's wallet; `contracts-deploy.ts` is the command around it. */
import { internal, SendMode, type Address, type Cell } from '@ton/core';
import type { KeyPair } from '@ton/crypto';
import { WalletContractV5R1, type TonClient } from '@ton/ton';
import { Beacon } from '../src/lib/chain/contracts/beacon.ts';

/** A year's rent several times over at any price so far; what is not used up stays the beacon's. */
export const BEACON_VALUE_NANO = 50_000_000n;
const SIGNATURE_LIFE_SECONDS = 300;

export interface Operator {
	wallet: WalletContractV5R1;
	keys: KeyPair;
}

/** What deploying would do and cost, before anything is sent. */
export interface DeployPlan {
	walletAddress: Address;
	walletNano: bigint;
	beacon: Beacon;
	isDeployed: boolean;
	/** The wallet's gas, import and delivery, as the network estimates them. */
	feesNano: bigint;
	/** The signed order; `null` when there is nothing to do. */
	order: Cell | null;
}

/** A W5 of this network: its signatures are worth nothing on another. */
export function operatorOf(keys: KeyPair, networkGlobalId: number): Operator {
	const { publicKey } = keys;
	return {
		keys,
		wallet: WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId } })
	};
}

/** @param nowSeconds Unix time, for the life of the signature */
export async function planDeployment(
	client: TonClient,
	{ wallet, keys }: Operator,
	nowSeconds: number
): Promise<DeployPlan> {
	// The catalogue's hash comes later, so that the address depends on the operator alone.
	const catalogue = new Uint8Array(32);
	const beacon = Beacon.createFromConfig({ owner: wallet.address, catalogue });
	const isDeployed = await client.isContractDeployed(beacon.address);
	const walletNano = await client.getBalance(wallet.address);
	const known = { walletAddress: wallet.address, walletNano, beacon, isDeployed };
	if (isDeployed) return { ...known, feesNano: 0n, order: null };
	const isFirst = !(await client.isContractDeployed(wallet.address));
	const { address: to, init = null } = beacon;
	const order = wallet.createTransfer({
		seqno: isFirst ? 0 : await client.open(wallet).getSeqno(),
		secretKey: keys.secretKey,
		sendMode: SendMode.PAY_GAS_SEPARATELY,
		timeout: nowSeconds + SIGNATURE_LIFE_SECONDS,
		messages: [internal({ to, value: BEACON_VALUE_NANO, bounce: false, init })]
	});
	const { source_fees: fees } = await client.estimateExternalMessageFee(wallet.address, {
		body: order,
		initCode: isFirst ? wallet.init.code : null,
		initData: isFirst ? wallet.init.data : null,
		ignoreSignature: false
	});
	const feesNano = BigInt(fees.in_fwd_fee + fees.storage_fee + fees.gas_fee + fees.fwd_fee);
	return { ...known, feesNano, order };
}

/** Sends the order and waits until the beacon answers, or the signal says that it took too long. */
export async function deploy(
	client: TonClient,
	{ wallet }: Operator,
	{ beacon, order }: DeployPlan,
	signal: AbortSignal,
	pollMs = 2_000
): Promise<void> {
	if (order === null) return;
	await client.sendExternalMessage(wallet, order);
	while (!(await client.isContractDeployed(beacon.address))) {
		signal.throwIfAborted();
		await new Promise((resolve) => setTimeout(resolve, pollMs));
	}
	const version = await client.open(beacon).getVersion();
	if (version !== 1) throw new Error(`version: expected 1, found ${version}`);
}
