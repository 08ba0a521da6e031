import type * as Sdk from '@tonconnect/sdk';
import type { Account } from '../account.ts';

/** What came of asking a wallet. Things that are to be expected are values, never exceptions. */

export interface TonProof {
	timestamp: number;
	domain: { lengthBytes: number; value: string };
	payload: string;
	signature: string;
}

export interface ConnectedWallet {
	account: Account;
	/** As people know their address: `UQ…`. */
	address: string;
	name: string;
	/** It lives in this browser, so there is no phone to fetch. */
	isInBrowser: boolean;
	/** What its address is made of, base64 of a BoC. */
	stateInit: string | null;
	/** Signed while it was connected, if it was asked for. */
	proof: TonProof | null;
}

/** A wallet of another network; both are global ids. */
export interface WrongNetwork {
	kind: 'wrong_network';
	expected: string;
	found: string;
}

export type ConnectOutcome =
	| { kind: 'connected'; wallet: ConnectedWallet }
	/** The person said no, to us or to the wallet. */
	| { kind: 'cancelled' }
	| WrongNetwork
	/** The wallet cannot do what is needed. */
	| { kind: 'unsupported' }
	| { kind: 'timeout' }
	| { kind: 'failed'; message: string };

export type SendOutcome =
	/** The wallet signed it and says that it sent it; the chain has the last word. */
	| { kind: 'sent' }
	/** The person said no: nothing was sent. */
	| { kind: 'cancelled' }
	| WrongNetwork
	| { kind: 'unsupported' }
	/** The wallet did not answer, or not clearly: it may still send. */
	| { kind: 'uncertain'; message: string }
	/** The wallet did not take the request: nothing was sent. */
	| { kind: 'failed'; message: string };

/** The classes of errors that the SDK throws; passed in because it is loaded late. */
export type SdkErrors = Pick<
	typeof Sdk,
	| 'UserRejectsError'
	| 'WalletWrongNetworkError'
	| 'WalletMissingRequiredFeaturesError'
	| 'WalletNotSupportFeatureError'
	| 'BadRequestError'
	| 'UnknownAppError'
	| 'WalletNotConnectedError'
>;

type Refusal = Exclude<ConnectOutcome, { kind: 'connected' | 'failed' | 'timeout' }>;

function refusalOf(error: unknown, sdk: SdkErrors): Refusal | null {
	if (error instanceof sdk.UserRejectsError) return { kind: 'cancelled' };
	if (error instanceof sdk.WalletWrongNetworkError) {
		const { expectedChainId, actualChainId } = (error.cause ?? {}) as Record<string, unknown>;
		const [expected, found] = [String(expectedChainId), String(actualChainId)];
		return { kind: 'wrong_network', expected, found };
	}
	const isUnsupported =
		error instanceof sdk.WalletMissingRequiredFeaturesError ||
		error instanceof sdk.WalletNotSupportFeatureError;
	return isUnsupported ? { kind: 'unsupported' } : null;
}

export function connectOutcomeOf(error: unknown, sdk: SdkErrors): ConnectOutcome {
	return refusalOf(error, sdk) ?? { kind: 'failed', message: textOf(error) };
}

export function sendOutcomeOf(error: unknown, sdk: SdkErrors): SendOutcome {
	const refusal = refusalOf(error, sdk);
	if (refusal) return refusal;
	const isNeverSent =
		error instanceof sdk.BadRequestError ||
		error instanceof sdk.UnknownAppError ||
		error instanceof sdk.WalletNotConnectedError;
	return { kind: isNeverSent ? 'failed' : 'uncertain', message: textOf(error) };
}

function textOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
