// The least of protobuf that a session needs: numbers, bytes, messages.
"use strict";

const pb = {
	// [[field, value], ...] -> Uint8Array; null values are left out.
	// A value is a number, a string, a Uint8Array or a list of fields.
	encode(fields) {
		const out = [];
		const varint = (n) => {
			for (; n > 127; n = Math.floor(n / 128))
				out.push(n % 128 | 128);
			out.push(n);
		};
		for (const [field, value] of fields) {
			if (value === null)
				continue;
			if (typeof value === "number") {
				varint(field * 8);
				varint(value);
				continue;
			}
			const bytes = value instanceof Uint8Array ? value :
				Array.isArray(value) ? pb.encode(value) :
				new TextEncoder().encode(value);
			varint(field * 8 + 2);
			varint(bytes.length);
			out.push(...bytes);
		}
		return new Uint8Array(out);
	},

	// Uint8Array -> Map of field number to number or Uint8Array, last wins.
	decode(data) {
		const fields = new Map();
		let at = 0;
		const varint = () => {
			let n = 0, scale = 1;
			for (;;) {
				if (at >= data.length)
					throw new Error("message ends early");
				const byte = data[at++];
				n += (byte & 127) * scale;
				if (byte < 128)
					return n;
				scale *= 128;
			}
		};
		while (at < data.length) {
			const tag = varint(), field = Math.floor(tag / 8);
			if (tag % 8 === 0) {
				fields.set(field, varint());
			} else if (tag % 8 === 2) {
				const length = varint();
				if (at + length > data.length)
					throw new Error("message ends early");
				fields.set(field, data.subarray(at, at + length));
				at += length;
			} else {
				throw new Error(`wire type ${tag % 8}`);
			}
		}
		return fields;
	},

	// The bytes of FIELDS inside DATA, or an error naming what came.
	member(data, field) {
		const fields = pb.decode(data);
		if (!fields.has(field))
			throw new Error(`expected member ${field}, got ` +
					[...fields.keys()].join(" "));
		return pb.decode(fields.get(field));
	},

	text(bytes) {
		return new TextDecoder().decode(bytes || new Uint8Array());
	},
};
