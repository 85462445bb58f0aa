// A controlling web client: punch request over /ws/id, relay over /ws/relay,
// the encrypted handshake and the log-in, as the protocol specification has
// them (4.16, 4.24, 4.25). run() is called by the test, with its arguments.
"use strict";

const PUNCH_HOLE_REQUEST = 8, PUNCH_HOLE_RESPONSE = 11;
const REQUEST_RELAY = 18, RELAY_RESPONSE = 19;
const SIGNED_ID = 3, PUBLIC_KEY = 4, TEST_DELAY = 5;
const LOGIN_REQUEST = 7, LOGIN_RESPONSE = 8, HASH = 9;
const SYMMETRIC = 2, WAIT_MS = 20000;

function step(text) {
	const item = document.createElement("li");
	item.textContent = text;
	document.getElementById("steps").append(item);
}

// A WebSocket whose messages are awaited one by one.
class Socket {
	static open(path) {
		const socket = new Socket();
		const ws = new WebSocket(`wss://${location.host}${path}`);
		ws.binaryType = "arraybuffer";
		socket.ws = ws;
		socket.arrived = [];
		socket.ended = null;
		ws.onmessage = (e) => {
			socket.arrived.push(new Uint8Array(e.data));
			socket.wake?.();
		};
		ws.onclose = (e) => {
			socket.ended = new Error(`${path} closed: ${e.code}`);
			socket.wake?.();
		};
		return new Promise((done, failed) => {
			ws.onopen = () => done(socket);
			ws.onerror = () => failed(new Error(`no ${path}`));
		});
	}

	send(data) {
		this.ws.send(data);
	}

	async receive() {
		const late = performance.now() + WAIT_MS;
		while (!this.arrived.length) {
			if (this.ended)
				throw this.ended;
			if (performance.now() > late)
				throw new Error("no message in time");
			await new Promise((wake) => {
				this.wake = wake;
				setTimeout(wake, 200);
			});
		}
		return this.arrived.shift();
	}
}

// secretbox with a counter for each direction (1.4).
class Channel {
	constructor(key) {
		this.key = key;
		this.sent = this.received = 0;
	}

	static nonce(n) {
		const nonce = new Uint8Array(24);
		new DataView(nonce.buffer).setBigUint64(0, BigInt(n), true);
		return nonce;
	}

	seal(data) {
		return nacl.secretbox(data, Channel.nonce(++this.sent), this.key);
	}

	open(data) {
		const plain = nacl.secretbox.open(
			data, Channel.nonce(++this.received), this.key);
		if (!plain)
			throw new Error(`record ${this.received} does not open`);
		return plain;
	}
}

// The key inside an IdPk that SIGNER signed for ID.
function signedKey(signed, signer, id) {
	const inner = nacl.sign.open(signed, signer);
	if (!inner)
		throw new Error("bad signature");
	const fields = pb.decode(inner);
	if (pb.text(fields.get(1)) !== id)
		throw new Error(`signed for ${pb.text(fields.get(1))}`);
	return fields.get(2);
}

async function sha256(...parts) {
	const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
	return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function punch(target) {
	const socket = await Socket.open("/ws/id");
	step("wss to /ws/id is open");
	socket.send(pb.encode([[PUNCH_HOLE_REQUEST, [
		[1, target.id], [2, SYMMETRIC], [3, target.key],
		[6, "1.4.9"], [8, 1]]]]));
	const answer = await socket.receive();
	const refused = pb.decode(answer).get(PUNCH_HOLE_RESPONSE);
	if (refused)
		throw new Error("refused: " + pb.text(pb.decode(refused).get(7)) +
				` (failure ${pb.decode(refused).get(3) ?? 0})`);
	const relay = pb.member(answer, RELAY_RESPONSE);
	step("the device answered through hbbs");
	return { uuid: pb.text(relay.get(2)), pk: relay.get(5) };
}

async function handshake(socket, target, devicePk) {
	const signed = pb.member(await socket.receive(), SIGNED_ID).get(1);
	const theirs = signedKey(signed, devicePk, target.id);
	const mine = nacl.box.keyPair(), key = nacl.randomBytes(32);
	socket.send(pb.encode([[PUBLIC_KEY, [
		[1, mine.publicKey],
		[2, nacl.box(key, new Uint8Array(24), theirs, mine.secretKey)],
	]]]));
	step("keys are exchanged");
	return new Channel(key);
}

async function logIn(socket, channel, target) {
	const hash = pb.member(channel.open(await socket.receive()), HASH);
	const inner = await sha256(target.password, hash.get(1));
	const outer = await sha256(inner, hash.get(2));
	socket.send(channel.seal(pb.encode([[LOGIN_REQUEST, [
		[1, target.id], [2, outer], [4, "web"], [5, "web"],
		[11, "1.4.9"], [13, "Web"]]]])));
	const answer = pb.member(channel.open(await socket.receive()),
				 LOGIN_RESPONSE);
	if (answer.has(1))
		throw new Error("log-in: " + pb.text(answer.get(1)));
	const host = pb.text(pb.decode(answer.get(2)).get(2));
	step(`logged in at ${host}`);
	return host;
}

// The device measures the delay; a client returns what it gets.
async function echoDelay(socket, channel) {
	const delay = pb.member(channel.open(await socket.receive()),
				TEST_DELAY);
	socket.send(channel.seal(pb.encode([
		[TEST_DELAY, [[1, delay.get(1)]]]])));
	step("delay probe returned");
}

// target: id, password, key (base64). Returns the device's host name.
async function run(target) {
	const serverPk = Uint8Array.from(atob(target.key),
					 (c) => c.charCodeAt(0));
	const { uuid, pk } = await punch(target);
	const devicePk = signedKey(pk, serverPk, target.id);
	const socket = await Socket.open("/ws/relay");
	step("wss to /ws/relay is open");
	socket.send(pb.encode([[REQUEST_RELAY, [
		[1, target.id], [2, uuid], [6, target.key]]]]));
	const channel = await handshake(socket, target, devicePk);
	const host = await logIn(socket, channel, target);
	await echoDelay(socket, channel);
	return host;
}
