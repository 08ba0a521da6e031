import { keyPairFromSeed, mnemonicToPrivateKey, mnemonicValidate, type KeyPair } from '@ton/crypto';
import { WalletContractV5R1 } from '@ton/ton';
import { Beacon } from '../contracts/beacon.ts';

/** Whoever owns a network's beacon: a W5 wallet. */
export interface Operator {
	wallet: WalletContractV5R1;
	keys: KeyPair;
}

const WORDS = 24;

/** @param seed 32 bytes */
export const keysOfSeed = (seed: Uint8Array): KeyPair => keyPairFromSeed(Buffer.from(seed));

/** The keys of a TON wallet from its 24 words, or `null` where they are none. */
export async function keysOfWords(text: string): Promise<KeyPair | null> {
	const words = text.trim().toLowerCase().split(/\s+/);
	const isValid = words.length === WORDS && (await mnemonicValidate(words));
	return isValid ? mnemonicToPrivateKey(words) : null;
}

/** A W5 of this network: its signatures are worth nothing on another. */
export function operatorOf(keys: KeyPair, networkGlobalId: number): Operator {
	const { publicKey } = keys;
	return {
		keys,
		wallet: WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId } })
	};
}

/** The beacon of an operator. The catalogue's hash comes later, so that the address depends on the operator alone. */
export function beaconOf({ wallet }: Operator): Beacon {
	return Beacon.createFromConfig({ owner: wallet.address, catalogue: new Uint8Array(32) });
}
