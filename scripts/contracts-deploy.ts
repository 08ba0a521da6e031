/**
 * Deploys the beacon: `npm run contracts:deploy -- --network testnet --key FILE [--send]`.
 * Without --send it only says what would happen. The key file holds the 24 words of the operator's
 * wallet and lies outside of the repository.
 */
import { deployCommand } from './deploy-command.ts';

process.exitCode = await deployCommand(process.argv.slice(2), console.log);
