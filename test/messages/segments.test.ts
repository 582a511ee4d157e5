import { expect, test } from 'vitest';
import { countSegments } from '../../src/messages/segments.ts';

test.each([
  ['nothing', '', 1],
  ['160 of GSM-7', 'a'.repeat(160), 1],
  ['161 of GSM-7', 'a'.repeat(161), 2],
  ['306, which two segments just hold', 'a'.repeat(306), 2],
  ['307', 'a'.repeat(307), 3],
  ['1,600 of GSM-7', 'a'.repeat(1_600), 11],
  ['80 euro signs, each as two', '€'.repeat(80), 1],
  ['81 euro signs', '€'.repeat(81), 2],
  ['a euro sign that would be split: it goes over whole', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
  ['line breaks and accents of GSM-7', 'é\r\nñ£Ω'.repeat(26), 1],
  ['70 in UCS-2', 'ł'.repeat(70), 1],
  ['71 in UCS-2', 'ł'.repeat(71), 2],
  ['134, which two segments just hold', 'ł'.repeat(134), 2],
  ['135', 'ł'.repeat(135), 3],
  ['35 emoji, each as two', '😀'.repeat(35), 1],
  ['36 emoji', '😀'.repeat(36), 2],
  ['67 emoji, of which 33 fit a segment', '😀'.repeat(67), 3],
  ['one emoji in a text of GSM-7', `${'a'.repeat(69)}😀`, 2],
  ['a backtick, which GSM-7 has not', `${'a'.repeat(70)}\``, 2],
])('%s', (_, body, segments) => {
  expect(countSegments(body)).toBe(segments);
});
