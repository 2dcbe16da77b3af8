import type { PersonId } from '#protocol'

/**
 * A folder's name for each person: what they were called, with nothing in it that a file system or a shell takes for
 * something else. Names come from strangers; two of the same name stay apart.
 */
export function fileNames(people: ReadonlyMap<PersonId, string | null>): Map<PersonId, string> {
  const names = new Map<PersonId, string>()
  const taken = new Set<string>(reserved)
  for (const [person, called] of people) {
    const plain = plainName(called ?? '') || person
    let name = plain
    for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${plain}-${i}`
    taken.add(name.toLowerCase())
    names.set(person, name)
  }
  return names
}

/** What the folder holds besides people. */
const reserved = ['manifest.json', 'notice.json']

const plainName = (called: string): string =>
  called
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
