import { mutantsOf, type Mutant } from './mutant.ts';

const beacon = mutantsOf('beacon.tolk');
export const BEACON_MUTANTS: Mutant[] = [
	beacon(
		'anybody anchors',
		'            assert (in.senderAddress == settings.owner) throw Refusal.NotOwner;\n'
	),
	beacon(
		'anybody changes the settings',
		'    assert (sender == settings.owner) throw Refusal.NotOwner;\n    beacon.settings',
		'    beacon.settings'
	),
	beacon('the owner never changes', 'owner: owner ?? settings.owner', 'owner: settings.owner'),
	beacon(
		'the catalogue never changes',
		'catalogue: catalogue ?? settings.catalogue',
		'catalogue: settings.catalogue'
	),
	beacon('settings are not kept', '    beacon.save();\n    reserve', '    reserve'),
	beacon('a log may stand still', 'head.size > beacon.head.size', 'head.size >= beacon.head.size'),
	beacon(
		'a log may shrink',
		'            assert (head.size > beacon.head.size) throw BeaconRefusal.SizeNotGrown;\n'
	),
	beacon(
		'time may stand still',
		'head.timeMs > beacon.head.timeMs',
		'head.timeMs >= beacon.head.timeMs'
	),
	beacon(
		'time may run ahead',
		'            assert (head.timeMs <= (blockchain.now() + CLOCK_AHEAD_SECONDS) * 1000) throw BeaconRefusal.TimeInFuture;\n'
	),
	beacon('a head is not kept', '            beacon.head = head;\n'),
	beacon(
		'the world is not told',
		'            createExternalLogMessage({\n                dest: createAddressNone(),\n                body: UnsafeBodyNoRef { forceInline: Anchored { head } },   // 416 bits: there is room\n            }).send(SEND_MODE_REGULAR);\n'
	),
	beacon(
		'the excess is kept',
		'SEND_MODE_CARRY_ALL_BALANCE | SEND_MODE_IGNORE_ERRORS',
		'SEND_MODE_REGULAR | SEND_MODE_IGNORE_ERRORS'
	),
	beacon(
		'the rent is given away',
		'    reserveToncoinsOnBalance(rentNano(), RESERVE_MODE_AT_MOST);\n'
	)
];
