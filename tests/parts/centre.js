// An SMPP message centre for the tests, by npm `smpp`. It does what standard input says, one JSON object a line, and tells
// on standard output what it got. It ends with its input.
'use strict';
const smpp = require('smpp');
const PASSWORD = process.argv[2];
const say = (told) => process.stdout.write(JSON.stringify(told) + '\n');
let mode = {};
let sessions = [];
let last = 0;

// What a part takes on the air: at most 140 bytes, its header included (3GPP TS 23.040 9.2.3.24).
function room(pdu, udh, message) {
  const header = udh.reduce((sum, one) => sum + one.length, 0) + (udh.length ? 1 : 0);
  if (pdu.data_coding === 8) return header + message.length * 2;
  const septets = smpp.encodings.ASCII.encode(message).length;
  return udh.length ? Math.ceil((header * 8 + septets * 7) / 8) : Math.ceil((septets * 7) / 8);
}

function receipt(session, id, from, to) {
  const state = mode.receipt || 'DELIVRD';
  const fields = {
    esm_class: 4, source_addr: from, destination_addr: to,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2610120946 done date:2610120947 stat:${state} err:005 text:`,
  };
  if (mode.tlv) {
    Object.assign(fields, { esm_class: 0, short_message: 'no words of ours', receipted_message_id: id, message_state: 2 });
  }
  session.deliver_sm(fields, (answer) => say({ receipt_answer: answer.command_status }));
}

function submit(session, pdu) {
  const words = pdu.short_message.message !== undefined && pdu.short_message.message.length
    ? pdu.short_message : pdu.message_payload || { message: '' };
  const udh = words.udh || [];
  const bytes = pdu.message_payload ? 0 : room(pdu, udh, words.message);
  say({
    submit: {
      to: pdu.destination_addr, ton: pdu.dest_addr_ton, from: pdu.source_addr, text: words.message, coding: pdu.data_coding,
      udh: udh.map((one) => one.toString('hex')), bytes, payload: Boolean(pdu.message_payload), receipt: pdu.registered_delivery,
    },
  });
  if (mode.swallow > 0) { mode.swallow -= 1; return; }
  if (bytes > 140) { session.send(pdu.response({ command_status: smpp.ESME_RINVMSGLEN })); return; }
  if (mode.refuse > 0) {
    mode.refuse -= 1;
    session.send(pdu.response({ command_status: mode.status }));
    return;
  }
  const id = (mode.prefix || 'm') + String((last += 1));
  if (mode.receipts === 'before') receipt(session, id, pdu.destination_addr, pdu.source_addr);
  setTimeout(() => {
    session.send(pdu.response({ message_id: id }));
    if (mode.receipts === 'after') setTimeout(() => receipt(session, id, pdu.destination_addr, pdu.source_addr), 20);
  }, mode.delay || 0);
}

const server = smpp.createServer((session) => {
  session.on('error', () => {});
  session.on('close', () => { sessions = sessions.filter((one) => one !== session); say({ closed: true }); });
  session.on('pdu', (pdu) => {
    if (mode.deaf) { say({ unheard: pdu.command }); return; }
    if (pdu.command === 'bind_transceiver') {
      const known = pdu.password === PASSWORD;
      if (known) sessions.push(session);
      say({ bind: pdu.system_id, known });
      session.send(pdu.response(known ? { system_id: 'centre' } : { command_status: smpp.ESME_RINVPASWD }));
    } else if (pdu.command === 'submit_sm') submit(session, pdu);
    else if (pdu.command === 'enquire_link') { say({ checked: true }); session.send(pdu.response()); }
    else if (pdu.command === 'query_sm') {
      const known = mode.states && mode.states[pdu.message_id];
      session.send(pdu.response(known ? { message_id: pdu.message_id, message_state: known } : { command_status: smpp.ESME_RQUERYFAIL }));
    } else if (pdu.command === 'unbind') { say({ unbind: true }); session.send(pdu.response()); }
    else say({ other: pdu.command, status: pdu.command_status });
  });
});
server.listen(Number(process.argv[3] || 0), '127.0.0.1', () => say({ port: server.address().port }));

const acts = {
  mode: (told) => { mode = told.mode; },
  drop: () => sessions.forEach((session) => session.destroy()),
  raw: (told) => sessions.forEach((session) => session.socket.write(Buffer.from(told.raw, 'hex'))),
  deliver: (told) => {
    const fields = { ...told.deliver };
    if (fields.hex !== undefined) { fields.short_message = Buffer.from(fields.hex, 'hex'); delete fields.hex; }
    sessions[0].deliver_sm(fields, (answer) => say({ answer: answer.command_status }));
  },
};
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const told = JSON.parse(line);
  Object.keys(told).forEach((name) => acts[name](told));
  say({ did: Object.keys(told)[0] });
}).on('close', () => process.exit(0));
