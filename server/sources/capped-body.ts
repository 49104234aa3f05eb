/** Reads a body as text, but never more of it than allowed. */

/**
 * Reads the decoded body to its end. What counts is the size after decompression, checked piece by piece: a small
 * gzip that inflates to hundreds of megabytes is cut at `maxBytes`, and its reader cancelled.
 *
 * @returns the text; `null` when the body is larger than `maxBytes`
 * @throws when the connection breaks
 */
export async function readCapped(response: Response, maxBytes: number): Promise<string | null> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    bytes += piece.value.byteLength;
    if (bytes > maxBytes) {
      // The answer is given up either way; how the connection ends does not matter.
      reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(piece.value, { stream: true });
  }
  return text + decoder.decode();
}
