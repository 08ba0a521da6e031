/** The command `npm run contracts:deploy`, apart from the process that it runs in. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fromNano } from '@ton/core';
import { mnemonicToPrivateKey, mnemonicValidate } from '@ton/crypto';
import { TonClient } from '@ton/ton';
import {
	BEACON_VALUE_NANO,
	deploy,
	operatorOf,
	planDeployment,
	type DeployPlan
} from './deploy-beacon.ts';
import { ROOT } from './root.ts';

const NETWORKS = {
	testnet: { id: -3, endpoint: 'https://testnet.toncenter.com/api/v2/jsonRPC' },
	mainnet: { id: -239, endpoint: 'https://toncenter.com/api/v2/jsonRPC' }
};
const DEADLINE_MS = 120_000;
const USAGE = `usage: npm run contracts:deploy -- --network testnet|mainnet --key FILE [--send] [--endpoint URL]
TONCENTER_API_KEY may hold a key for the endpoint.`;

class UsageError extends Error {}

function readArguments(args: string[]) {
	const { values } = parseArgs({
		args,
		options: {
			network: { type: 'string' },
			key: { type: 'string' },
			endpoint: { type: 'string' },
			send: { type: 'boolean', default: false }
		}
	});
	const { network, key, endpoint, send } = values;
	if (network !== 'testnet' && network !== 'mainnet') {
		throw new UsageError(`network: expected testnet or mainnet, found ${network ?? 'nothing'}`);
	}
	if (key === undefined) throw new UsageError('key: expected a file, found nothing');
	const { id, endpoint: usual } = NETWORKS[network];
	return { network, id, key, isSending: send, endpoint: endpoint ?? usual };
}

/** The words in a file that others cannot read and that no commit can take along. */
async function readWords(file: string): Promise<string[]> {
	const real = realpathSync(file);
	if (!path.relative(realpathSync(ROOT), real).startsWith('..')) {
		throw new UsageError(`key: expected a file outside of ${ROOT}, found ${real}`);
	}
	if (process.platform !== 'win32' && (statSync(real).mode & 0o077) !== 0) {
		throw new UsageError(`key: others can read ${real}; run chmod 600 on it`);
	}
	const words = readFileSync(real, 'utf8').trim().toLowerCase().split(/\s+/);
	if (words.length !== 24 || !(await mnemonicValidate(words))) {
		throw new UsageError(`key: expected the 24 words of a TON wallet in ${real}`);
	}
	return words;
}

/** What would be done, in lines for the operator. */
function describe(network: string, endpoint: string, plan: DeployPlan): string[] {
	const testOnly = network === 'testnet';
	const wallet = plan.walletAddress.toString({ testOnly, bounceable: false });
	const line = (label: string, text: string) => label.padEnd(18) + text;
	const lines = [
		line('network', `${network}, ${endpoint}`),
		line('operator’s wallet', `${wallet}, ${fromNano(plan.walletNano)} TON`),
		line('beacon', plan.beacon.address.toString({ testOnly }))
	];
	if (plan.isDeployed) return [...lines, 'It is deployed already.'];
	const [cost, fees] = [fromNano(costNano(plan)), fromNano(plan.feesNano)];
	return [...lines, line('cost', `${cost} TON: ${fees} of fees, the rest is the beacon’s rent`)];
}

const costNano = ({ feesNano }: DeployPlan): bigint => BEACON_VALUE_NANO + feesNano;

async function planAndDeploy(args: string[], print: (line: string) => void): Promise<void> {
	const { network, id, key, endpoint, isSending } = readArguments(args);
	const operator = operatorOf(await mnemonicToPrivateKey(await readWords(key)), id);
	const apiKey = process.env['TONCENTER_API_KEY'];
	const client = new TonClient({ endpoint, ...(apiKey !== undefined && { apiKey }) });
	const plan = await planDeployment(client, operator, Math.floor(Date.now() / 1000));
	describe(network, endpoint, plan).forEach(print);
	if (plan.isDeployed) return;
	if (plan.walletNano < costNano(plan)) {
		const [expected, found] = [fromNano(costNano(plan)), fromNano(plan.walletNano)];
		throw new Error(`wallet: expected ${expected} TON, found ${found}`);
	}
	if (!isSending) return print('Nothing was sent. Add --send to deploy it.');
	await deploy(client, operator, plan, AbortSignal.timeout(DEADLINE_MS));
	print('It is deployed.');
}

/** @returns the exit status: 0, 1 for what went wrong, 2 for what was asked wrongly */
export async function deployCommand(
	args: string[],
	print: (line: string) => void
): Promise<number> {
	try {
		await planAndDeploy(args, print);
		return 0;
	} catch (error) {
		print(error instanceof Error ? error.message : String(error));
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		const isUsage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
		if (isUsage) print(USAGE);
		return isUsage ? 2 : 1;
	}
}
