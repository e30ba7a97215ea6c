// Counts the parts of texts by npm `sms-segments-calculator`: a JSON list of texts in, for each [alphabet, parts, signs that
// are joined of several, units of each part] out.
'use strict';
const { SegmentedMessage } = require('sms-segments-calculator');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map((text) => {
  const counted = new SegmentedMessage(text);
  const joined = counted.graphemes.filter((sign) => [...sign].length > 1).length;
  const units = counted.segments.map((part) => part.messageSizeInBits() / (counted.encodingName === 'GSM-7' ? 7 : 16));
  return [counted.encodingName, counted.segmentsCount, joined, units];
})));
