import { MANIFEST_ICON_PATH } from '../../chain/paths.ts';
import { walletsOf } from '../../chain/tonconnect/wallet-list.ts';
import { answer } from '../answers.ts';
import type { Settings } from '../settings.ts';

/** What TON Connect reads: the wallets that people here can connect, and what wallets show of this site. */
export class WalletApi {
	readonly #settings: Settings;

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	/** `GET /api/wallets` */
	wallets(request: Request): Response {
		return answer(walletsOf(this.#settings.network, this.#originOf(request)));
	}

	/** `GET /tonconnect-manifest.json`; wallets in browsers ask from pages of their own. */
	manifest(request: Request): Response {
		const origin = this.#originOf(request);
		const manifest = { url: origin, name: 'Mulberry', iconUrl: `${origin}${MANIFEST_ICON_PATH}` };
		return Response.json(manifest, {
			headers: { 'cache-control': 'no-cache', 'access-control-allow-origin': '*' }
		});
	}

	#originOf(request: Request): string {
		return this.#settings.origin ?? new URL(request.url).origin;
	}
}
