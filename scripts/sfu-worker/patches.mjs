/**
 * What has to change in mediasoup's sources to build and run with Debian 12's tools and libraries.
 * Each text must be there exactly once: when mediasoup changes it, the build stops and someone has
 * to look.
 *
 * @typedef {{ file: string, why: string, from: string, to: string }} Patch
 * @type {readonly Patch[]}
 */
export const patches = [
  {
    file: 'meson.build',
    why: 'Debian 12 has meson 1.0.1, and nothing in the file needs a later one.',
    from: "meson_version: '>= 1.1.0'",
    to: "meson_version: '>= 1.0.0'",
  },
  {
    file: 'src/RTC/DtlsTransport.cpp',
    why:
      "The callback answers 1 to every operation on the BIO but a bare return. Debian's OpenSSL" +
      ' has kernel TLS compiled in and asks the BIO by a control call whether it is on; the 1 reads' +
      ' as yes, so libssl allocates no write buffer and the worker dies at the first handshake.' +
      ' A return comes as BIO_CB_RETURN combined with the operation, and carries the answer.',
    from: '(operationType == BIO_CB_RETURN)',
    to: '(operationType & BIO_CB_RETURN)',
  },
]

/**
 * @param {string} source
 * @param {Patch} patch
 * @returns {string | undefined} undefined when the text is not there, or there more than once
 */
export function applyPatch(source, patch) {
  const parts = source.split(patch.from)
  return parts.length === 2 ? parts.join(patch.to) : undefined
}
