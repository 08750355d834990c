// zigbee2mqtt as it is in npm, with a radio that is played here: a lamp and a sensor that are paired already. The sensor reports
// when a line "temperature N" (hundredths of a degree) comes on standard input; what is sent to the lamp is printed.
// node radio.js FOLDER-OF-THE-PACKAGES; the settings are in the folder that ZIGBEE2MQTT_DATA names.
'use strict';

const path = require('node:path');
const readline = require('node:readline');
const { createRequire } = require('node:module');

const load = createRequire(path.join(process.argv[2], 'package.json'));
const { Adapter } = load('zigbee-herdsman/dist/adapter/adapter.js');
const Zcl = load('zigbee-herdsman/dist/zspec/zcl');

const COORDINATOR = '0x00124b0000000001';
const SENSOR = { ieee: '0x00124b0000000003', network: 3 };
const REPORT_ATTRIBUTES = 0x0a; // ZCL 2.5.11
const DEFAULT_RESPONSE = 0x0b; // ZCL 2.5.12
const GLOBAL_FROM_SERVER = 0x18; // frame control: global, server to client, no default response
const INT16 = 0x29;

class Radio extends Adapter {
  async start() { return 'resumed'; }
  async stop() {}
  async getCoordinatorIEEE() { return COORDINATOR; }
  async getCoordinatorVersion() { return { type: 'played', meta: {} }; }
  async getNetworkParameters() { return { panID: 0x1a62, extendedPanID: '0x00124b00000000ff', channel: 11, nwkUpdateID: 0 }; }
  async supportsBackup() { return false; }
  async permitJoin(seconds) { console.log(`radio: open for ${seconds} s`); }
  async addInstallCode() {}
  // The coordinator has one end point.
  async sendZdo(ieee, network, cluster) {
    return cluster === 0x0005
      ? [0, { nwkAddress: network, endpointList: [1] }]
      : [0, { nwkAddress: network, endpoint: 1, profileId: 0x0104, deviceId: 5, deviceVersion: 0, inClusterList: [], outClusterList: [] }];
  }
  async sendZclFrameToEndpoint(ieee, network, endpoint, frame) {
    console.log(`radio: ${ieee} ${frame.cluster.name} ${frame.command.name}`);
    const { transactionSequenceNumber } = frame.header;
    const data = Buffer.from([GLOBAL_FROM_SERVER, transactionSequenceNumber, DEFAULT_RESPONSE, frame.command.ID, 0]);
    return this.payload(network, endpoint, frame.cluster.ID, data);
  }
  async sendZclFrameToGroup() {}
  async sendZclFrameToAll() {}

  report(hundredths) {
    const data = Buffer.from([GLOBAL_FROM_SERVER, 1, REPORT_ATTRIBUTES, 0, 0, INT16, hundredths & 0xff, (hundredths >> 8) & 0xff]);
    this.emit('zclPayload', this.payload(SENSOR.network, 1, 0x0402, data));
  }

  payload(address, endpoint, clusterID, data) {
    return { clusterID, data, header: Zcl.Header.fromBuffer(data), address, endpoint, linkquality: 200, groupID: 0, wasBroadcast: false, destinationEndpoint: 1 };
  }
}

let radio;
Adapter.create = async (...options) => (radio = new Radio(...options));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [word, value] = line.split(' ');
  if (word === 'temperature') radio.report(Number(value));
});

const { Controller } = load('zigbee2mqtt/dist/controller.js');
const controller = new Controller(async () => {}, async (code) => process.exit(code));
process.on('SIGTERM', () => controller.stop(false));
controller.start();
