import { NETWORKS } from '$lib/chain/networks.ts';
import type { LayoutServerLoad } from './$types';

/** Which network this deployment is on, for every page. */
export const load: LayoutServerLoad = ({ locals }) => {
	const { name, coin, hasValue } = NETWORKS[locals.coordinator.settings.network];
	return { network: { name, coin, hasValue } };
};
