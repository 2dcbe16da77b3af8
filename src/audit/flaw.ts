/** Every way in which evidence can be malformed or false. The names are stable; programs match on them, never on messages. */
export type FlawCode =
  | 'utf8'
  | 'base64'
  | 'json'
  | 'shape'
  | 'encoding'
  | 'key-length'
  | 'key-not-canonical'
  | 'key-small-order'
  | 'vkey-form'
  | 'vkey-name'
  | 'vkey-type'
  | 'vkey-id'
  | 'note-too-long'
  | 'note-not-unicode'
  | 'note-control-character'
  | 'note-no-signatures'
  | 'note-unterminated'
  | 'note-too-many-signatures'
  | 'note-signature-line'
  | 'note-signature-short'
  | 'note-signature-wrong'
  | 'note-unsigned'
  | 'checkpoint-form'
  | 'checkpoint-size'
  | 'checkpoint-root'
  | 'checkpoint-origin'
  | 'leaf-form'
  | 'leaf-commitment'
  | 'salt-length'
  | 'opening-form'
  | 'opening-version'
  | 'opening-group'
  | 'export-not-given'
  | 'export-notice'
  | 'export-time'

/**
 * Evidence that cannot be believed, and why. Not a `CallError`: a verifier knows no server, and whoever reads evidence
 * at the edge of one turns this into an error of its own.
 */
export class Flaw extends Error {
  override readonly name = 'Flaw'
  readonly code: FlawCode

  constructor(code: FlawCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
