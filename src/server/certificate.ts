import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

export interface Certificate {
  readonly cert: Buffer
  readonly key: Buffer
}

/** The certificate and its key, from two files that may be replaced at any time. */
export class CertificateFiles {
  readonly #certificateFile: string
  readonly #keyFile: string
  #version: string
  /** As last read; the two belong together. */
  current: Certificate

  /** Throws an Error when a file is missing or the two do not belong together. */
  constructor({ certificateFile, keyFile }: { certificateFile: string; keyFile: string }) {
    this.#certificateFile = certificateFile
    this.#keyFile = keyFile
    this.#version = this.#stamp()
    this.current = this.#read()
  }

  /**
   * Whether there is a new certificate, now `current`. Throws when the files are half replaced or
   * wrong: the old one holds, and the next call looks again.
   */
  reload(): boolean {
    const version = this.#stamp()
    if (version === this.#version) return false
    this.current = this.#read()
    this.#version = version
    return true
  }

  #read(): Certificate {
    const files = { cert: readFileSync(this.#certificateFile), key: readFileSync(this.#keyFile) }
    // Throws for a key that does not belong to the certificate, before any client would notice.
    createSecureContext(files)
    return files
  }

  #stamp(): string {
    return [this.#certificateFile, this.#keyFile]
      .map((path) => {
        const { ino, size, mtimeMs } = statSync(path)
        return `${ino} ${size} ${mtimeMs}`
      })
      .join()
  }
}
