import { m } from '$lib/paraglide/messages';
import type { OperationRecord } from '../../store/purse-records.ts';
import { formatCoins } from '../coins.ts';

/** What was asked of the wallet, in a few words. */
export function operationName(
	{ kind, amountNano }: Pick<OperationRecord, 'kind' | 'amountNano'>,
	coin: string,
	locale: string
): string {
	const amount = formatCoins(amountNano, coin, locale);
	switch (kind) {
		case 'open':
			return m.operation_open({ amount });
		case 'top_up':
			return m.operation_top_up({ amount });
		case 'withdraw':
			return amountNano === 0n ? m.operation_withdraw_all() : m.operation_withdraw({ amount });
		case 'unlock':
			return m.operation_unlock();
		case 'lock':
			return m.operation_lock();
		case 'close':
			return m.operation_close();
		case 'leave':
			return m.operation_leave();
	}
}
