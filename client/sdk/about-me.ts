import { CallError, errors, meActs, type ErrorCode, type MeAct, type MeParams, type MeResult } from '#protocol'

/** What a person may do about what is held about them, with the token of a call. */
export interface AboutMePort {
  /**
   * Rejects with the server's CallError, such as ON_HOLD or TOKEN_EXPIRED; CONNECTION_LOST when it cannot be reached.
   */
  act<A extends MeAct>(name: A, params: MeParams<A>): Promise<MeResult<A>>
  /** Where the copy lies that a ticket stands for: for one download, within a minute. */
  archiveUrl(ticket: string): string
}

/** `baseUrl`: of the server, https:. The token travels in a header alone. */
export const aboutMe = ({ baseUrl, token }: { baseUrl: string; token: string }): AboutMePort => ({
  async act(name, params) {
    const answer = await post(new URL(`/me/${name}`, baseUrl), token, params)
    const { data } = meActs[name].result.safeParse(Reflect.get(answer, 'result'))
    if (data !== undefined) return data as MeResult<typeof name>
    throw failureIn(answer)
  },
  archiveUrl: (ticket) => new URL(`/me/archive/${ticket}`, baseUrl).href,
})

async function post(url: URL, token: string, params: object): Promise<object> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(params),
      cache: 'no-store',
      credentials: 'omit',
    })
    return Object(await response.json()) as object
  } catch (cause) {
    throw new CallError('CONNECTION_LOST', 'the server cannot be reached', { cause })
  }
}

function failureIn(answer: object): CallError {
  const failed: unknown = Object(Reflect.get(answer, 'error'))
  const code: unknown = Reflect.get(failed as object, 'code')
  return isCode(code)
    ? new CallError(code, String(Reflect.get(failed as object, 'message')))
    : new CallError('INTERNAL', 'the server answered with something else')
}

const isCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errors, code)
