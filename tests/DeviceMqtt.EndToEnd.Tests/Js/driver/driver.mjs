// Drives one mqtt.js client for the tests: a JSON object per line in (a command with a number), a JSON object per line out
// (the answer with that number, or an event of the client).
import { createInterface } from 'node:readline';
import mqtt from 'mqtt';

let client;

const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);

const commands = {
  // Answers with the first CONNACK; every later one is an event.
  connect({ url, options }) {
    if (options.will) {
      options.will.payload = Buffer.from(options.will.payload);
    }
    client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 10_000, ...options });
    client.on('message', (topic, payload, packet) =>
      say({ event: 'message', topic, payload: payload.toString('base64'), qos: packet.qos, retain: packet.retain, dup: packet.dup }));
    client.on('connect', (connack) => say({ event: 'connect', sessionPresent: connack.sessionPresent }));
    client.on('close', () => say({ event: 'close' }));
    return new Promise((resolve, reject) => {
      client.once('connect', (connack) => resolve({ sessionPresent: connack.sessionPresent }));
      client.on('error', reject);
      client.once('close', () => reject(new Error('closed before CONNACK')));
    });
  },
  async subscribe({ filter, qos }) {
    const granted = await client.subscribeAsync(filter, { qos });
    return { granted: granted.map((one) => one.qos) };
  },
  async unsubscribe({ filter }) {
    await client.unsubscribeAsync(filter);
    return {};
  },
  async publish({ topic, payload, qos, retain }) {
    await client.publishAsync(topic, Buffer.from(payload, 'base64'), { qos, retain });
    return {};
  },
  // The network connection is gone, without DISCONNECT.
  drop() {
    client.stream.destroy();
    return {};
  },
  async end() {
    await client.endAsync();
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { number, command, ...parameters } = JSON.parse(line);
  Promise.resolve()
    .then(() => commands[command](parameters))
    .then((answer) => say({ number, ...answer }))
    .catch((error) => say({ number, error: `${error.message}` }));
}
process.exit(0);
