import { join } from 'node:path';
import type { Logger } from 'pino';
import type { BeaconOperator } from '../../chain/beacon/beacon-operator.ts';
import type { LocalChain } from '../../chain/devnet/local-chain.ts';
import { NETWORKS } from '../../chain/networks.ts';
import { SettingsError, type Settings } from '../settings.ts';
import type { OpenChain } from '../ton/open-chain.ts';
import { AnchorStore } from './anchor-store.ts';
import { NO_ANCHORS, type Anchors } from './anchors.ts';
import { ownSeed, readOperatorWords } from './operator-files.ts';
import { TonAnchors } from './ton-anchors.ts';

/** Years of anchors. */
const GRANT_NANO = 100_000_000_000n;

export interface AnchorsParts {
	settings: Settings;
	logger: Logger;
	/** A folder of this network's own. */
	dataDir: string;
	chain: OpenChain;
}

/**
 * Where this coordinator anchors its log: the beacon of the operator's wallet. On the devnet the wallet
 * is made and funded here; elsewhere the operator has to name one, or nothing is anchored.
 *
 * @throws {SettingsError} if the named file holds no wallet
 */
export async function openAnchors(parts: AnchorsParts): Promise<Anchors> {
	const { settings, logger, dataDir, chain } = parts;
	const { operatorKeyFile } = settings;
	const { local } = chain;
	if (!local && operatorKeyFile === null) {
		logger.warn('OPERATOR_KEY_FILE is not set: the log is not anchored.');
		return NO_ANCHORS;
	}
	const abort = new AbortController();
	const anchors = new TonAnchors({
		store: new AnchorStore(join(dataDir, 'anchors.sqlite')),
		openOperator: () => openOperator(parts, abort.signal),
		abort,
		fund: local ? mintFrom(local) : null
	});
	if (operatorKeyFile === null) return anchors;
	await anchors.open().catch((error: unknown) => {
		anchors.close();
		throw error;
	});
	return anchors;
}

/** TON's code takes most of a second to load, which a coordinator without news can spare itself. */
async function openOperator(
	{ settings, dataDir, chain }: AnchorsParts,
	signal: AbortSignal
): Promise<BeaconOperator> {
	const [{ backendClient }, { keysOfSeed, keysOfWords }, { BeaconOperator }] = await Promise.all([
		import('../../chain/beacon/backend-client.ts'),
		import('../../chain/beacon/operator.ts'),
		import('../../chain/beacon/beacon-operator.ts')
	]);
	const { network, operatorKeyFile: file, devnetBlockMs } = settings;
	const keys = file
		? await keysOfWords(readOperatorWords(file))
		: keysOfSeed(ownSeed(join(dataDir, 'operator.key')));
	if (!keys) throw new SettingsError(`OPERATOR_KEY_FILE: expected 24 words of a wallet in ${file}`);
	return new BeaconOperator({
		client: backendClient(chain.backend),
		keys,
		globalId: NETWORKS[network].globalId,
		pollMs: chain.local ? devnetBlockMs : NETWORKS[network].blockMs,
		signal
	});
}

const mintFrom = (local: LocalChain) => async (address: string) => {
	const reply = await local.mint(address, GRANT_NANO);
	if (!reply.ok) throw new Error(`The local chain gave no coins: ${reply.error}`);
};
