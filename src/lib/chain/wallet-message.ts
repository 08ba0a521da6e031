/** What a wallet is asked to send, in TON Connect's form. */
export interface WalletMessage {
	/** User-friendly. */
	address: string;
	/** In nano. */
	amount: string;
	/** The body, base64 of a BoC. */
	payload: string;
	/** What deploys the receiver, base64 of a BoC. */
	stateInit?: string;
}
