import type { AboutMe, ArchiveLanguage } from '#protocol'

type Words = {
  readonly title: string
  readonly composed: (day: string, controllers: string) => string
  readonly data: string
  readonly receipts: string
  readonly recordings: string
  readonly noRecordings: string
  readonly opens: (readers: string) => string
  readonly notHeld: string
  readonly complain: (authority: string) => string
}

/** What an archive says of itself, to whom it is about. */
export function readmeIn(lang: ArchiveLanguage, about: AboutMe): string {
  const words = all[lang]
  const day = new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  const { name, url } = about.authority
  const there = about.recordings.filter(({ tracks }) => tracks.length > 0)
  const readers = [...new Set(about.calls.flatMap(({ asked }) => asked.flatMap((one) => one.readers)).map((one) => one.name))]
  const paragraphs = [
    words.title,
    words.composed(`${day.format(about.composedAt)} UTC`, listed(lang, about.controllers.map((one) => one.name))),
    `about-me.json\n${words.data}`,
    `receipts/\n${words.receipts}`,
    `recordings/\n${there.length === 0 ? words.noRecordings : `${words.recordings} ${words.opens(listed(lang, readers))}`}`,
    words.notHeld,
    words.complain(`${name}, ${url}`),
  ]
  return `${paragraphs.join('\n\n')}\n`
}

const listed = (lang: ArchiveLanguage, names: readonly string[]): string =>
  new Intl.ListFormat(lang, { type: 'conjunction' }).format(names)

const all: Record<ArchiveLanguage, Words> = {
  en: {
    title: 'What is held about you',
    composed: (day, controllers) => `Composed on ${day}, on behalf of ${controllers}.`,
    data: 'Everything, in a form that programs can read: your calls, what you were asked, what you decided, the recordings that you are in, what you demanded, and until when each is kept.',
    receipts:
      'One file for each entry about you in the log of decisions. Whoever has it can verify the entry with the Assent verifier, without this server and without believing it.',
    recordings:
      'What was recorded of you, encrypted exactly as it lies on the server. The manifest is an excerpt: the other people in the recording are left out. The server cannot open any of it.',
    noRecordings: 'Nothing of you is kept in any recording.',
    opens: (readers) =>
      `It can be opened by: ${readers}. If you are one of them, use: assent open FOLDER --identity KEY --out NEW-FOLDER. If not, ask the controller for a copy that you can play.`,
    notHeld:
      'Not held: your address on the network, which browser or device you use, how long or how often you spoke, and anything that was said in a call that was not recorded.',
    complain: (authority) =>
      `If you think that your data are not handled lawfully, you can complain to a supervisory authority: ${authority}.`,
  },
  de: {
    title: 'Was über Sie gespeichert ist',
    composed: (day, controllers) => `Zusammengestellt am ${day}, im Auftrag von ${controllers}.`,
    data: 'Alles, in einer Form, die Programme lesen können: Ihre Gespräche, was Sie gefragt wurden und wie Sie entschieden haben, die Aufnahmen, in denen Sie vorkommen, was Sie verlangt haben, und bis wann es jeweils aufbewahrt wird.',
    receipts:
      'Eine Datei für jeden Eintrag über Sie im Protokoll der Entscheidungen. Wer sie hat, kann den Eintrag mit dem Prüfprogramm von Assent prüfen, ohne diesen Server und ohne ihm glauben zu müssen.',
    recordings:
      'Was von Ihnen aufgenommen wurde, verschlüsselt, genau wie es auf dem Server liegt. Das Verzeichnis (manifest.json) ist ein Auszug: Die anderen Personen in der Aufnahme sind weggelassen. Der Server kann nichts davon öffnen.',
    noRecordings: 'In keiner Aufnahme wird etwas von Ihnen aufbewahrt.',
    opens: (readers) =>
      `Öffnen können es: ${readers}. Wenn Sie dazugehören: assent open ORDNER --identity SCHLÜSSEL --out NEUER-ORDNER. Wenn nicht, bitten Sie den Verantwortlichen um eine Kopie, die Sie abspielen können.`,
    notHeld:
      'Nicht gespeichert sind: Ihre Netzwerkadresse, welchen Browser oder welches Gerät Sie benutzen, wie lange oder wie oft Sie gesprochen haben, und alles, was in einem nicht aufgenommenen Gespräch gesagt wurde.',
    complain: (authority) =>
      `Wenn Sie meinen, dass Ihre Daten nicht rechtmäßig behandelt werden, können Sie sich bei einer Aufsichtsbehörde beschweren: ${authority}.`,
  },
  fr: {
    title: 'Ce qui est conservé à votre sujet',
    composed: (day, controllers) => `Établi le ${day}, pour le compte de ${controllers}.`,
    data: 'Tout, sous une forme lisible par des programmes : vos appels, ce qui vous a été demandé et ce que vous avez décidé, les enregistrements où vous figurez, vos demandes, et jusqu’à quand chaque élément est conservé.',
    receipts:
      'Un fichier pour chaque entrée à votre sujet dans le journal des décisions. Toute personne qui le détient peut vérifier l’entrée avec le vérificateur d’Assent, sans ce serveur et sans avoir à le croire.',
    recordings:
      'Ce qui a été enregistré de vous, chiffré, exactement tel que cela se trouve sur le serveur. Le manifeste est un extrait : les autres personnes de l’enregistrement en sont absentes. Le serveur ne peut rien en ouvrir.',
    noRecordings: 'Aucun enregistrement ne contient quoi que ce soit de vous.',
    opens: (readers) =>
      `Peuvent l’ouvrir : ${readers}. Si vous en faites partie : assent open DOSSIER --identity CLÉ --out NOUVEAU-DOSSIER. Sinon, demandez au responsable du traitement une copie que vous puissiez lire.`,
    notHeld:
      'Ne sont pas conservés : votre adresse sur le réseau, votre navigateur ou votre appareil, combien de temps ou combien de fois vous avez parlé, ni ce qui s’est dit dans un appel non enregistré.',
    complain: (authority) =>
      `Si vous pensez que vos données ne sont pas traitées conformément à la loi, vous pouvez introduire une réclamation auprès d’une autorité de contrôle : ${authority}.`,
  },
  es: {
    title: 'Lo que se conserva sobre usted',
    composed: (day, controllers) => `Elaborado el ${day}, por cuenta de ${controllers}.`,
    data: 'Todo, en una forma que los programas pueden leer: sus llamadas, lo que se le preguntó y lo que decidió, las grabaciones en las que aparece, lo que solicitó y hasta cuándo se conserva cada cosa.',
    receipts:
      'Un archivo por cada entrada sobre usted en el registro de decisiones. Quien lo tenga puede comprobar la entrada con el verificador de Assent, sin este servidor y sin tener que creerle.',
    recordings:
      'Lo que se grabó de usted, cifrado, exactamente como está en el servidor. El manifiesto es un extracto: las demás personas de la grabación no figuran en él. El servidor no puede abrir nada de ello.',
    noRecordings: 'En ninguna grabación se conserva nada de usted.',
    opens: (readers) =>
      `Pueden abrirlo: ${readers}. Si usted es una de esas personas: assent open CARPETA --identity CLAVE --out CARPETA-NUEVA. Si no, pida al responsable una copia que pueda reproducir.`,
    notHeld:
      'No se conservan: su dirección en la red, qué navegador o dispositivo usa, cuánto tiempo o cuántas veces habló, ni lo que se dijo en una llamada que no se grabó.',
    complain: (authority) =>
      `Si cree que sus datos no se tratan conforme a la ley, puede reclamar ante una autoridad de control: ${authority}.`,
  },
  uk: {
    title: 'Що зберігається про вас',
    composed: (day, controllers) => `Складено ${day}, від імені: ${controllers}.`,
    data: 'Усе, у вигляді, який можуть читати програми: ваші дзвінки, про що вас запитували і що ви вирішили, записи, у яких ви є, чого ви вимагали, і до якого часу це зберігається.',
    receipts:
      'Один файл на кожен запис про вас у журналі рішень. Хто має цей файл, може перевірити запис перевірником Assent, без цього сервера і не покладаючись на нього.',
    recordings:
      'Те, що було записано про вас, зашифроване, точно так, як лежить на сервері. Маніфест є витягом: інших людей із запису в ньому немає. Сервер не може відкрити нічого з цього.',
    noRecordings: 'У жодному записі нічого вашого не зберігається.',
    opens: (readers) =>
      `Відкрити це можуть: ${readers}. Якщо ви серед них: assent open ТЕКА --identity КЛЮЧ --out НОВА-ТЕКА. Якщо ні, попросіть у володільця даних копію, яку можна відтворити.`,
    notHeld:
      'Не зберігається: ваша мережева адреса, який у вас браузер чи пристрій, як довго чи як часто ви говорили, і нічого зі сказаного в дзвінку, який не записували.',
    complain: (authority) =>
      `Якщо ви вважаєте, що ваші дані обробляють незаконно, ви можете поскаржитися до наглядового органу: ${authority}.`,
  },
}
