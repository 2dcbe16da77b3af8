import type { PersonId, Source } from '#protocol'

/** How files are called inside a recording's folder. No name of a person, a room or an address is among them. */
export const manifestName = 'manifest.json'
export const journalName = 'journal.jsonl'
/** The nth that people were shown, counted from 1. */
export const noticeName = (n: number): string => (n === 1 ? 'notice.age' : `notice-${n}.age`)
export const reserveName = 'reserve'

export const trackFolder = ({ n, source }: { n: number; source: Source }): string =>
  `tracks/${n}-${source}`
export const segmentName = (i: number): string => `${String(i).padStart(6, '0')}.mkv.age`
export const segmentPath = (track: { n: number; source: Source }, i: number): string =>
  `${trackFolder(track)}/${segmentName(i)}`
/** Holds the person's display name, sealed; one file each, so that one can be destroyed without opening the others. */
export const personPath = (person: PersonId): string => `people/${person}.age`
