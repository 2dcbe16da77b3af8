import { createRoot } from 'react-dom/client'
import { CallError, memoryKeeper, type ErrorCode } from '#sdk'
import { App } from '../../../client/web/app.tsx'
import { Devices } from '../../../client/web/join/devices.ts'
import { chooseLanguage, loadStrings } from '../../../client/web/language/languages.ts'
import { WordsOf } from '../../../client/web/language/text.tsx'
import '../../../client/web/styles/all.css'
import { notice } from '../support/scene-notice.ts'
import { heldReceipt } from '../support/scene-receipts.ts'
import { scenes, type SceneName } from '../support/scenes.ts'
import { ScriptedCall } from '../support/scripted-call.ts'

/** What the tests reach: the scripted call and the scenes it can play. */
export interface Screens {
  readonly call: ScriptedCall
  play(name: string): void
  refuse(code: ErrorCode): void
}

/**
 * The real page over a scripted call. `?screen=` names a scene, or `join` for the door, or `noLink`. The page enters by
 * its own Join button, pressed here.
 */
const query = new URLSearchParams(location.search)
const wanted = query.get('screen') ?? 'join'
const language = chooseLanguage(query.get('lang'), navigator.languages)
const strings = await loadStrings(language)
const devices = new Devices()
if (query.get('devices') !== 'off') void devices.openRemembered()

const isScene = (name: string): name is SceneName => Object.hasOwn(scenes, name)
const call = new ScriptedCall(isScene(wanted) ? scenes[wanted]() : scenes.connecting(), (asking) =>
  JSON.stringify(notice(asking.policy, asking)),
)
const drawer = memoryKeeper()
if (query.has('kept'))
  for (const decision of ['given', 'withdrawn'] as const)
    await drawer.keepReceipt(heldReceipt(decision))
const screens: Screens = {
  call,
  play: (name) => {
    if (isScene(name)) call.play(scenes[name]())
  },
  refuse: (code) => {
    call.refusal = new CallError(code, 'refused by the script')
  },
}
Object.assign(globalThis, { screens })

// {"name":"Tomas","room":"weekly-planning"}, unsigned: the page only shows it.
const token = `e30.${btoa(JSON.stringify({ ...(query.get('name') !== 'own' && { name: 'Tomas' }), room: 'weekly-planning' }))}.none`
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <WordsOf initial={{ language, strings }}>
    <App
      token={wanted === 'noLink' ? null : token}
      devices={devices}
      demo={query.has('demo')}
      drawer={drawer}
      onLeft={() => undefined}
      enter={async () => {
        if (query.get('enter') === 'fails')
          throw new CallError('CONNECTION_LOST', 'refused by the script')
        return call
      }}
    />
  </WordsOf>,
)

if (isScene(wanted)) {
  const press = () => {
    const form = document.querySelector('form')
    if (form === null) setTimeout(press)
    else form.requestSubmit()
  }
  press()
}
