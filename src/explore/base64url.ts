/** Bytes as text that survives shells, URLs and source code. */
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function toBase64url(bytes: readonly number[]): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += digits[word >> 18]! + digits[(word >> 12) & 63]!;
    if (left > 1) text += digits[(word >> 6) & 63]!;
    if (left > 2) text += digits[word & 63]!;
  }
  return text;
}

/** Null if it is not base64url, as {@link toBase64url} writes it. */
export function fromBase64url(text: string): number[] | null {
  const bytes: number[] = [];
  let word = 0;
  let bits = 0;
  for (const digit of text) {
    const value = digits.indexOf(digit);
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((word >> bits) & 255);
  }
  // Bits that are left over are 0: no two texts mean the same.
  const rest = word & ((1 << bits) - 1);
  return text.length % 4 === 1 || rest !== 0 ? null : bytes;
}
