/** The coordinator's routes that have to do with a chain. */
export const CHAIN_PATH = '/api/chain';
export const RPC_PATH = '/api/chain/jsonRPC';
export const FAUCET_PATH = '/api/chain/faucet';
export const REDEEM_PATH = '/api/redeem';
export const WALLETS_PATH = '/api/wallets';
export const PROOF_PATH = '/api/proof';
export const PROOF_PAYLOAD_PATH = '/api/proof/payload';
/** What wallets read about this site; its name is a convention of TON Connect. */
export const MANIFEST_PATH = '/tonconnect-manifest.json';
export const MANIFEST_ICON_PATH = '/icon-180.png';
