import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is looked for, by what it is called in a finding. */
export type Needles = Readonly<Record<string, string | Uint8Array>>

/** Every file below a folder that holds one of the needles, in whatever form somebody might have written it: `FILE: NEEDLE as FORM`. */
export function tracesIn(dir: string, needles: Needles): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const forms = Object.entries(needles).flatMap(([what, needle]) =>
    formsOf(needle).map(([form, bytes]) => ({ what, form, bytes })),
  )
  return files.flatMap((file) => {
    const content = readFileSync(file)
    return forms
      .filter(({ bytes }) => content.includes(bytes))
      .map(({ what, form }) => `${file.slice(dir.length + 1)}: ${what} as ${form}`)
  })
}

function formsOf(needle: string | Uint8Array): [form: string, bytes: Buffer][] {
  const bytes = Buffer.from(needle)
  // A database cuts what is long into pages: any piece of it is a trace.
  if (bytes.length > pieceBytes) {
    const pieces = Array.from({ length: Math.floor(bytes.length / pieceBytes) }, (_, i) =>
      bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes),
    )
    return pieces.map((piece, i) => [`piece ${i}`, piece])
  }
  const wide = Buffer.from(needle.toString(), 'utf16le')
  const hex = bytes.toString('hex')
  const texts = [
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ...[0, 1, 2].flatMap((at) => {
      const base64 = base64At(bytes, at)
      const url = base64.replaceAll('+', '-').replaceAll('/', '_')
      return [
        [`base64 at ${at}`, base64],
        [`base64url at ${at}`, url],
      ]
    }),
  ] as [string, string][]
  return [
    ['it is', bytes],
    ...(typeof needle === 'string'
      ? ([
          ['utf16le', wide],
          ['utf16be', Buffer.from(wide).swap16()],
        ] as [string, Buffer][])
      : []),
    ...texts.map(([form, text]): [string, Buffer] => [form, Buffer.from(text)]),
  ]
}

/** The letters that these bytes alone decide, when they begin so many bytes into a longer text. */
function base64At(bytes: Buffer, at: number): string {
  const text = Buffer.concat([Buffer.alloc(at), bytes]).toString('base64').replaceAll('=', '')
  const isCut = (at + bytes.length) % 3 !== 0
  return text.slice(Math.ceil((at * 4) / 3), isCut ? -1 : undefined)
}

const pieceBytes = 64
