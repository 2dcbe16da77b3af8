import { PeerId, ProducerId, type Peer } from '#protocol'
import type { Streams } from '#sdk'

const names = [
  'Maya',
  'Ines',
  'Oleh',
  'Ruth',
  'Lena',
  'Sam',
  'Noor',
  'Ida',
  'Ana',
  'Ben',
  'Cleo',
  'Dan',
  'Eva',
  'Finn',
  'Gia',
  'Hugo',
  'Ivo',
  'Jana',
  'Kai',
  'Lou',
  'Mina',
  'Nils',
  'Olga',
  'Pia',
  'Rosa',
  'Timo',
  'Uma',
  'Vera',
  'Wim',
  'Yara',
]

export const peerId = (place: number): PeerId =>
  PeerId.parse(
    `peer_${'a'.repeat(14)}${String.fromCharCode(97 + Math.floor(place / 26), 97 + (place % 26))}`,
  )
export const you = peerId(29)

/** `count` people, you (Tomas) the last of them. Every third has no camera, every second is muted. */
export function people(count: number): readonly Peer[] {
  const others = Array.from({ length: count - 1 }, (_, place) =>
    person(peerId(place), names[place] ?? 'Someone', {
      camera: place % 3 !== 2,
      muted: place % 2 === 1,
      host: place === 0,
    }),
  )
  return [...others, person(you, 'Tomas', { camera: true, muted: false, host: false })]
}

export const recorder: Peer = {
  peerId: peerId(28),
  kind: 'recorder',
  name: 'Recorder',
  host: false,
  connected: true,
  sending: [],
}

export function sharing(peer: Peer): Peer {
  return {
    ...peer,
    sending: [
      ...peer.sending,
      { producerId: producerId(peer.peerId, 'screen'), source: 'screen', paused: false },
    ],
  }
}

/** Moving pictures for everyone who sends one, drawn here: no file, no server. */
export function picturesOf(everyone: readonly Peer[]): ReadonlyMap<PeerId, Streams> {
  return new Map(
    everyone
      .filter(({ peerId: id }) => id !== you)
      .map((peer, place): [PeerId, Streams] => {
        const sends = (source: string) => peer.sending.some((stream) => stream.source === source)
        return [
          peer.peerId,
          {
            ...(sends('camera') && {
              camera: once(`face ${place % 6}`, () =>
                drawn(640, 360, (context) => drawFace(context, place % 6)),
              ),
            }),
            ...(sends('screen') && { screen: once('chart', () => drawn(1280, 800, drawChart)) }),
          },
        ]
      }),
  )
}

function person(
  id: PeerId,
  name: string,
  { camera, muted, host }: { camera: boolean; muted: boolean; host: boolean },
): Peer {
  const microphone = {
    producerId: producerId(id, 'mic'),
    source: 'microphone' as const,
    paused: muted,
  }
  const picture = { producerId: producerId(id, 'cam'), source: 'camera' as const, paused: false }
  return {
    peerId: id,
    kind: 'person',
    name,
    host,
    connected: true,
    sending: camera ? [microphone, picture] : [microphone],
  }
}

const producerId = (id: PeerId, kind: string): ProducerId =>
  ProducerId.parse(`prod_${id.slice(5)}${kind}`)

// A page plays many scenes; each picture is drawn for all of them.
const pictures = new Map<string, MediaStream>()
function once(name: string, draw: () => MediaStream): MediaStream {
  const picture = pictures.get(name) ?? draw()
  pictures.set(name, picture)
  return picture
}

function drawn(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D) => void,
): MediaStream {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no canvas')
  draw(context)
  // A still picture is sent once; drawing again now and then makes late players show it too.
  setInterval(() => draw(context), 500)
  return canvas.captureStream(5)
}

const rooms = ['#8fa9a2', '#b3a98c', '#6d8798', '#a493a0', '#8d9c74', '#b8977c']
const skins = ['#d9a98a', '#a06b4a', '#e9c7ac', '#7c523b', '#e5bda0', '#dcb196']
const cloths = ['#2f5d62', '#b0803a', '#6e3f50', '#4e6b3d', '#39506e', '#3b3f5c']

function drawFace(context: CanvasRenderingContext2D, place: number): void {
  const ellipse = (fill: string, x: number, y: number, across: number, up: number) => {
    context.fillStyle = fill
    context.beginPath()
    context.ellipse(x, y, across, up, 0, 0, 2 * Math.PI)
    context.fill()
  }
  context.fillStyle = rooms[place % 6] ?? ''
  context.fillRect(0, 0, 640, 360)
  ellipse(cloths[place % 6] ?? '', 320, 400, 175, 150)
  ellipse('#2a2422', 320, 158, 74, 88)
  ellipse(skins[(place * 5) % 6] ?? '', 320, 175, 58, 74)
}

function drawChart(context: CanvasRenderingContext2D): void {
  context.fillStyle = '#fafcf9'
  context.fillRect(0, 0, 1280, 800)
  context.fillStyle = '#13241c'
  context.fillRect(120, 110, 420, 32)
  context.strokeStyle = '#0b5c46'
  context.lineWidth = 8
  context.beginPath()
  for (const [x, y] of [
    [120, 600],
    [320, 560],
    [500, 490],
    [700, 510],
    [880, 370],
    [1160, 280],
  ] as const)
    context.lineTo(x, y)
  context.stroke()
}
