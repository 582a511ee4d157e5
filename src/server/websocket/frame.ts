/** FIN, and the opcode of a text. */
const wholeText = 0x81;

/** A server's whole text message (RFC 6455, section 5.2). @param bytes its UTF-8; as the frame, one character a byte. */
export function textFrame(bytes: string): string {
  return headerOf(bytes.length) + bytes;
}

function headerOf(length: number): string {
  if (length < 126) return String.fromCharCode(wholeText, length);
  if (length < 65_536) return String.fromCharCode(wholeText, 126, length >> 8, length & 0xff);
  const header = Buffer.from([wholeText, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUIntBE(length, 4, 6);
  return header.toString('latin1');
}
