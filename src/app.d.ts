import type { Coordinator } from '$lib/server/coordinator';

declare global {
	namespace App {
		interface Locals {
			coordinator: Coordinator;
		}
		interface Error {
			message: string;
			/** What a person can quote to whoever runs the coordinator. */
			id?: string;
		}
	}
}

export {};
