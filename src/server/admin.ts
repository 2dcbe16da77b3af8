import type { RequestListener, ServerResponse } from 'node:http'
import type { Metrics } from '#metrics'
import type { Rooms } from '#rooms'
import { failing, type Health } from './health.ts'
import type { Log } from './log.ts'

export interface AdminOptions {
  readonly metrics: Metrics
  readonly rooms: Rooms
  readonly health: Health
  readonly log: Log
}

/**
 * For the operator's own tools, on loopback: `/metrics`, `/healthz` (the process answers),
 * `/readyz` (it takes calls).
 */
export function adminPages({ metrics, rooms, health, log }: AdminOptions): RequestListener {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, 405, 'GET only\n')
    switch (request.url) {
      case '/metrics':
        metrics.setRooms(rooms.count.rooms)
        metrics.setPeople(rooms.count.people)
        metrics.expose().then(
          ({ contentType, text }) => answer(response, 200, text, contentType),
          (error: unknown) => {
            log.error({ err: error }, 'metrics not exposed')
            answer(response, 500, 'see the log\n')
          },
        )
        return
      case '/healthz':
        return answer(response, 200, 'ok\n')
      case '/readyz': {
        const names = failing(health)
        if (names.length === 0) return answer(response, 200, 'ready\n')
        return answer(response, 503, `not ready: ${names.join(', ')}\n`)
      }
      default:
        return answer(response, 404, '/metrics /healthz /readyz\n')
    }
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}
