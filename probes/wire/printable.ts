/** A text on one line, without characters that do terminals harm: control characters as `\DDD` (RFC 1035 §5.1). */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\${String(character.charCodeAt(0)).padStart(3, '0')}`);
}
