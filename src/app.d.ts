import type { Network } from '$lib/chain/networks.ts';
import type { Coordinator } from '$lib/server/coordinator';

declare global {
	namespace App {
		interface Locals {
			coordinator: Coordinator;
		}
		interface PageData {
			/** The TON network that this deployment is on. */
			network: Pick<Network, 'name' | 'coin' | 'hasValue'>;
		}
		interface Error {
			message: string;
			/** What a person can quote to whoever runs the coordinator. */
			id?: string;
		}
	}
}

export {};
