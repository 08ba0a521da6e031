/** Kills a process that adds to the log: `npm run test:log-kills -- --times N`, 1000 times by default. */
import { parseArgs } from 'node:util';
import { killRounds } from '../tests/log/kill-rounds.ts';

const { values } = parseArgs({ options: { times: { type: 'string', default: '1000' } } });
const times = Number(values.times);
if (!Number.isSafeInteger(times) || times < 1) {
	console.error(`--times: expected a whole number above 0, came ${values.times}`);
	process.exit(2);
}
const AT_ONCE = 50;
const total = { rounds: 0, confirmed: 0, entries: 0 };
while (total.rounds < times) {
	// A new log from time to time, or checking it would take ever longer.
	const { rounds, confirmed, entries } = await killRounds(
		Math.min(AT_ONCE, times - total.rounds),
		Math.random
	);
	total.rounds += rounds;
	total.confirmed += confirmed;
	total.entries += entries;
	console.log(`${total.rounds} kills, ${total.confirmed} entries confirmed, none lost`);
}
console.log(JSON.stringify({ name: 'log-kills', ...total }));
