import { recordHeader, serverHeader, type Entry } from '#audit'
import type { OperatorName, PersonId, RequestId, SessionId, Source } from '#protocol'
import type { Actor, Demand } from './demand.ts'

/** That a demand has come, was given more time, or is over. The log is not told whose it is. */
export const demandEntry = (
  { id, right, state }: Pick<Demand, 'id' | 'right'> & { readonly state: Demand['state'] | 'extended' },
  { how, by }: Actor,
  time: number,
): Entry => ({
  key: `${id}/${state}`,
  core: {
    ...serverHeader('rights'),
    event: { state, time, cause: how, ...(by !== null && { entity: by }) },
    rightsId: id,
    right,
  },
})

/** That a person took their part of a recording with them. `act` tells one time from the next. */
export const exportEntry = (
  part: { readonly session: SessionId; readonly person: PersonId; readonly recordingId: RequestId },
  act: string,
  time: number,
): Entry => ({
  key: `${part.recordingId}/${act}/export`,
  core: {
    ...recordHeader('access', part.session),
    event: { state: 'accessed', time, entity: part.person },
    recordingId: part.recordingId,
    act: 'export',
  },
})

/** That a person's part is gone: once for each person and recording, however often it was tried. */
export const destroyedEntry = (
  part: { readonly session: SessionId; readonly person: PersonId; readonly recordingId: RequestId },
  sources: readonly Source[],
  cause: 'subject-request' | 'erasure',
  time: number,
): Entry => ({
  key: `${part.recordingId}/destroyed/${part.person}`,
  core: {
    ...recordHeader('destroyed', part.session),
    event: { state: 'destroyed', time, cause },
    subject: { ref: part.person },
    recordingId: part.recordingId,
    tracks: sources.map((source) => ({ source })),
  },
})

/** That an operator looked at what is held about somebody. */
export const lookedEntry = (by: OperatorName, act: string, time: number): Entry => ({
  key: `operation/${act}`,
  core: { ...serverHeader('operation'), event: { state: 'done', time, entity: by }, act: 'list' },
})
