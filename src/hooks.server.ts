import { building } from '$app/environment';
import { bridgesOf } from '$lib/chain/tonconnect/wallet-list.ts';
import { paraglideMiddleware } from '$lib/paraglide/server';
import { withBridges } from '$lib/server/content-security-policy.js';
import { publishedCoordinator } from '$lib/server/published.ts';
import type { Handle, HandleServerError, RequestEvent } from '@sveltejs/kit';
import { sequence } from '@sveltejs/kit/hooks';

const withCoordinator: Handle = ({ event, resolve }) => {
	if (building) return resolve(event);
	const coordinator = publishedCoordinator();
	event.locals.coordinator = coordinator;
	return coordinator.around(event.request, event.route.id, () => resolve(event));
};

const CSP = 'content-security-policy';

const withWallets: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const policy = response.headers.get(CSP);
	if (policy === null || building) return response;
	const { network } = event.locals.coordinator.settings;
	response.headers.set(CSP, withBridges(policy, bridgesOf(network)));
	return response;
};

const networkOf = ({ locals }: RequestEvent) =>
	building ? '' : locals.coordinator.settings.network;

const withLanguage: Handle = ({ event, resolve }) =>
	paraglideMiddleware(event.request, ({ request, locale }) => {
		event.request = request;
		return resolve(event, {
			transformPageChunk: ({ html }) =>
				html.replace('%lang%', locale).replace('%network%', networkOf(event))
		});
	});

export const handle: Handle = sequence(withCoordinator, withWallets, withLanguage);

/** The log gets the error, the page a short id that people can quote. */
export const handleError: HandleServerError = ({ error, event, status, message }) => {
	if (status === 404) return { message };
	const id = crypto.randomUUID().slice(0, 8);
	publishedCoordinator().logger.error({ err: error, id, route: event.route.id }, message);
	return { message, id };
};
