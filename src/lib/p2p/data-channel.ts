import type { DataConnection } from 'peerjs';
import { dtlsFingerprint } from '../protocol/sdp.ts';
import { LOW_WATER_BYTES, type Channel, type ConnectionPath } from './channel.ts';

const PATHS: readonly string[] = ['host', 'srflx', 'prflx', 'relay'];

/**
 * A channel over an open PeerJS connection. It talks to the RTCDataChannel itself: PeerJS's own
 * queue gets stuck above 8 MiB, and it does not notice a peer that vanished.
 */
export function channelOf(connection: DataConnection, onClosed: () => void): Channel {
	const { dataChannel, peerConnection } = connection;
	dataChannel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
	let early: unknown[] | null = [];
	let onMessage: (data: unknown) => void = (data) => early?.push(data);
	let onClose = () => {};
	let isClosed = false;

	const closed = () => {
		if (isClosed) return;
		isClosed = true;
		dataChannel.removeEventListener('message', received);
		dataChannel.removeEventListener('close', closed);
		peerConnection.removeEventListener('connectionstatechange', stateChanged);
		connection.close();
		onClosed();
		onClose();
	};
	const received = ({ data }: MessageEvent<unknown>) => onMessage(data);
	const stateChanged = () => {
		if (['failed', 'closed'].includes(peerConnection.connectionState)) closed();
	};
	dataChannel.addEventListener('message', received);
	dataChannel.addEventListener('close', closed);
	peerConnection.addEventListener('connectionstatechange', stateChanged);
	connection.on('close', closed);

	return {
		remoteId: connection.peer,
		get bufferedAmount() {
			return isClosed ? 0 : dataChannel.bufferedAmount;
		},
		send(text) {
			if (!isClosed && dataChannel.readyState === 'open') dataChannel.send(text);
		},
		drained() {
			if (isClosed || dataChannel.bufferedAmount <= LOW_WATER_BYTES) return Promise.resolve();
			return new Promise((resolve) => {
				const done = () => {
					dataChannel.removeEventListener('bufferedamountlow', done);
					dataChannel.removeEventListener('close', done);
					resolve();
				};
				dataChannel.addEventListener('bufferedamountlow', done);
				dataChannel.addEventListener('close', done);
			});
		},
		fingerprints() {
			const own = dtlsFingerprint(peerConnection.localDescription?.sdp ?? '');
			const remote = dtlsFingerprint(peerConnection.remoteDescription?.sdp ?? '');
			return own && remote ? { own, remote } : null;
		},
		onMessage(listener) {
			onMessage = listener;
			const waiting = early ?? [];
			early = null;
			waiting.forEach(listener);
		},
		onClose(listener) {
			onClose = listener;
			if (isClosed) listener();
		},
		close() {
			// Closing at once would drop a `bye` that is still on its way out.
			if (!isClosed && dataChannel.bufferedAmount > 0) setTimeout(closed, 100);
			else closed();
		},
		path: () => selectedPath(peerConnection)
	};
}

async function selectedPath(peerConnection: RTCPeerConnection): Promise<ConnectionPath> {
	const stats = await peerConnection.getStats();
	for (const report of stats.values()) {
		if (report.type !== 'transport' || !report.selectedCandidatePairId) continue;
		const pair = stats.get(report.selectedCandidatePairId);
		const candidate = pair && stats.get(pair.localCandidateId);
		const type: unknown = candidate?.candidateType;
		if (typeof type === 'string' && PATHS.includes(type)) return type as ConnectionPath;
	}
	return 'unknown';
}
