import { join } from 'node:path'
import { emptyTree, formatReceipt } from '#audit'
import { aboutMeSchema, CallError, type AboutMe, type ArchiveLanguage } from '#protocol'
import { excerptOf, readRecording } from '#recording'
import { readmeIn } from './readme.ts'
import type { Access } from './rights.ts'
import type { RightsWorld } from './rights-world.ts'
import { zip, type ZipFile } from './zip.ts'

/** A copy of everything, to be kept or taken elsewhere, as a ZIP file piece by piece. Met when the last one was taken. */
export async function* archiveOf(
  world: RightsWorld,
  access: Access,
  lang: ArchiveLanguage,
): AsyncGenerator<Uint8Array> {
  yield* zip(filesOf(world, access.about, lang), access.about.composedAt)
  await access.given()
}

async function* filesOf(
  world: RightsWorld,
  about: AboutMe,
  lang: ArchiveLanguage,
): AsyncGenerator<ZipFile> {
  yield { path: 'README.txt', bytes: Buffer.from(readmeIn(lang, about)) }
  yield { path: 'about-me.json', bytes: jsonOf(about) }
  yield { path: 'about-me.schema.json', bytes: jsonOf(aboutMeSchema()) }
  yield { path: 'log.vkey', bytes: Buffer.from(`${about.log.vkey}\n`) }
  yield* receiptsOf(world, about)
  for (const { recordingId, session, tracks } of about.recordings) {
    const person = about.calls.find((call) => call.session === session)?.person
    if (person === undefined || tracks.length === 0) continue
    const stored = await readRecording(join(world.recordingsDir, recordingId))
    for await (const { path, bytes } of excerptOf(stored, person))
      yield { path: `recordings/${recordingId}/${path}`, bytes }
  }
}

/** All of one tree in each batch; whoever holds one needs nothing else from here to verify it. */
async function* receiptsOf({ log }: RightsWorld, { calls }: AboutMe): AsyncGenerator<ZipFile> {
  const entries = calls.flatMap((call) => call.entries)
  for (let from = 0; from < entries.length; from += batch) {
    const some = entries.slice(from, from + batch)
    const indexes = some.map(({ index }) => index)
    const answer = await log.ask({ what: 'receipts', indexes, seen: emptyTree })
    if (answer === null) throw new CallError('INTERNAL', 'every log begins with the empty tree')
    for (const [i, receipt] of answer.receipts.entries()) {
      const { index, type, state } = some[i]!
      if (receipt === null || type === null) continue
      const path = `receipts/assent-receipt-${index}-${type}-${state}.json`
      yield { path, bytes: Buffer.from(formatReceipt(receipt)) }
    }
  }
}

const jsonOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

const batch = 200
