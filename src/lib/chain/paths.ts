/** The coordinator's routes that have to do with a chain. */
export const CHAIN_PATH = '/api/chain';
export const RPC_PATH = '/api/chain/jsonRPC';
export const FAUCET_PATH = '/api/chain/faucet';
export const REDEEM_PATH = '/api/redeem';
