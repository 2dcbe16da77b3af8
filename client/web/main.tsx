import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { browserKeeper, join, prepare, type Call } from '#sdk'
import { App, type Entering } from './app.tsx'
import { remembered } from './entry/remembered.ts'
import { forgetToken, tabStore, takeToken } from './entry/token.ts'
import { Devices } from './join/devices.ts'
import { chooseLanguage, loadStrings } from './language/languages.ts'
import { WordsOf } from './language/text.tsx'
import './styles/all.css'

const token = takeToken()
const devices = new Devices()
const keeper = browserKeeper()
// The router's capabilities load while people look at themselves, so that Join finds everything ready.
let prepared = prepare(location.origin)
prepared.catch(() => undefined)

async function enter({ token: bearer, name, devices: { state } }: Entering): Promise<Call> {
  const ready = await prepared.catch(() => {
    // It failed before; the person pressed Join, so it is tried once more.
    prepared = prepare(location.origin)
    return prepared
  })
  const { microphone, camera } = state
  return join({
    prepared: ready,
    token: bearer,
    keeper,
    ...(name !== '' && { name }),
    ...(microphone.state === 'on' && { microphone: microphone.track }),
    ...(camera.state === 'on' && { camera: camera.track }),
    resume: tabStore('assent.resume'),
  })
}

const language = chooseLanguage(remembered('language'), navigator.languages)
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
const strings = await loadStrings(language)
if (token !== null) void devices.openRemembered()
const page = createRoot(root)
const show = (demo: boolean) =>
  page.render(
    <StrictMode>
      <WordsOf initial={{ language, strings }}>
        <App
          token={token}
          devices={devices}
          demo={demo}
          drawer={keeper}
          enter={enter}
          onLeft={forgetToken}
        />
      </WordsOf>
    </StrictMode>,
  )
show(false)
// The banner comes when the server has said what it is; nobody waits for that to see themselves.
prepared.then(
  ({ demo }) => show(demo),
  () => undefined,
)
