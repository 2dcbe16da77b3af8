import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CallError, Sha256 } from '#protocol'

/** A privacy notice as people can read it. Version and date stand in the text itself, so that the three cannot part. */
export interface PolicyText {
  readonly lang: string
  readonly version: string
  readonly date: string
  readonly sha256: Sha256
  readonly text: string
}

/**
 * The privacy notices of a folder, one `<lang>.txt` each, and every text that was ever shown: a receipt names one by its
 * hash, and who holds it may want to read it years later.
 */
export class PolicyTexts {
  readonly #dir: string
  readonly #archive: string
  #current: ReadonlyMap<string, PolicyText>
  readonly #known = new Map<string, PolicyText>()

  /** `archive`: keeps each text for good; made when needed. Throws CONFIG_INVALID, as `reload` tells its problems. */
  constructor({ dir, archive }: { readonly dir: string; readonly archive: string }) {
    this.#dir = dir
    this.#archive = archive
    for (const name of namesIn(archive)) this.#remember(readPolicy(join(archive, name)))
    const { texts, problems } = this.#read()
    if (problems.length > 0) throw new CallError('CONFIG_INVALID', problems.join('\n  '))
    this.#current = texts
  }

  /** Throws CONFIG_INVALID when there is none in this language. */
  current(lang: string): PolicyText {
    const policy = this.#current.get(lang)
    if (policy !== undefined) return policy
    throw new CallError('CONFIG_INVALID', `${join(this.#dir, `${lang}.txt`)}: cannot be read`)
  }

  /** The text in use for a language, or any that ever was, by its hash. */
  text(name: string): string | undefined {
    return (this.#current.get(name) ?? this.#known.get(name))?.text
  }

  /**
   * Looks whether texts have changed; one that says nothing new of itself, or nothing that can be read, is not used, and
   * the old one holds.
   */
  reload(): { readonly changed: readonly string[]; readonly problems: readonly string[] } {
    const before = this.#current
    const { texts, problems } = this.#read()
    this.#current = new Map([...before, ...texts])
    const changed = [...texts].filter(([lang, { sha256 }]) => before.get(lang)?.sha256 !== sha256)
    return { changed: changed.map(([lang]) => lang), problems }
  }

  #read(): { texts: ReadonlyMap<string, PolicyText>; problems: string[] } {
    const texts = new Map<string, PolicyText>()
    const problems: string[] = []
    for (const name of namesIn(this.#dir)) {
      try {
        const policy = readPolicy(join(this.#dir, name))
        this.#keep(policy)
        texts.set(policy.lang, policy)
      } catch (cause) {
        if (!(cause instanceof Error)) throw cause
        problems.push(cause.message)
      }
    }
    return { texts, problems }
  }

  /** Throws CONFIG_INVALID for other words under a version that people have been shown. */
  #keep(policy: PolicyText): void {
    const { lang, version, sha256, text } = policy
    if (this.#known.has(sha256)) return
    const other = [...this.#known.values()].find(
      (one) => one.lang === lang && one.version === version,
    )
    if (other !== undefined)
      throw new CallError(
        'CONFIG_INVALID',
        `${join(this.#dir, `${lang}.txt`)}: changed, and still says Version: ${version}; give it a new version and date`,
      )
    mkdirSync(this.#archive, { recursive: true, mode: 0o700 })
    const kept = join(this.#archive, `${lang}.${sha256}.txt`)
    writeFileSync(`${kept}.part`, text, { flush: true })
    renameSync(`${kept}.part`, kept)
    this.#remember(policy)
  }

  #remember(policy: PolicyText): void {
    this.#known.set(policy.sha256, policy)
  }
}

const namesIn = (dir: string): string[] =>
  existsSync(dir) ? readdirSync(dir).filter((name) => /^[a-z]{2}(\.[0-9a-f]{64})?\.txt$/.test(name)) : []

function readPolicy(file: string): PolicyText {
  const text = readFileSync(file, 'utf8')
  const version = /^Version: ([\w.+-]{1,32})$/m.exec(text)?.[1]
  const date = /^Date: (\d{4}-\d{2}-\d{2})$/m.exec(text)?.[1]
  if (version === undefined || date === undefined)
    throw new CallError(
      'CONFIG_INVALID',
      `${file}: lines \`Version: …\` and \`Date: YYYY-MM-DD\` are expected`,
    )
  const sha256 = Sha256.parse(createHash('sha256').update(text, 'utf8').digest('hex'))
  return { lang: basename(file).slice(0, 2), version, date, sha256, text }
}
