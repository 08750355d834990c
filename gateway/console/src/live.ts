// The one stream of this page: states of all devices, readings of those in view, and a tick each second that proves the gateway is there.
import { useEffect, useState } from 'preact/hooks'
import type { Row, Tick } from './api'
import { dropFirstDevices, loggedOut } from './api'
import { zoneMayHaveChanged } from './format'

const STALE_MS = 6_000
const HIDDEN_MS = 60_000
const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 8_000

type Listener = () => void
export class Store<T> {
  private listeners = new Set<Listener>()
  constructor(private current: T) { }
  get value() { return this.current }
  set(next: T) { this.current = next; for (const l of [...this.listeners]) l() }
  on(l: Listener) { this.listeners.add(l); return () => { this.listeners.delete(l) } }
}
export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState(0)
  useEffect(() => store.on(() => redraw((n) => n + 1)), [store])
  return store.value
}

/**
 * What may be said of all that the page shows.
 * `live`: all of it is as the gateway says now. The stream is heard, and whatever it could not tell was asked for and answered.
 * `looking`: that is being found out. `gone`: it takes longer than it may.
 */
export type Sign = 'live' | 'looking' | 'gone'
/** `stale`: what is shown may be old, so ages are times and nothing is sent. `silentSeconds`: since the last word of the gateway. `asOf`: when all was as it is shown, by the gateway's clock. */
export interface LiveState { sign: Sign; stale: boolean; silentSeconds: number; asOf: number }
export const tick = new Store<Tick | null>(null)
export const live = new Store<LiveState>({ sign: 'looking', stale: false, silentSeconds: 0, asOf: 0 })
/** The gateway's clock, once a second; stands still while nothing is known. */
export const now = new Store<number>(Date.now())
/** Milliseconds that this device's clock is ahead of the gateway's. */
export let clockAhead = 0

const rowListeners = new Set<(rows: Row[], isState: boolean) => void>()
/** Asks for all that it shows. True when the gateway has answered, whatever it said. */
export type Look = () => Promise<boolean>
const looks = new Set<Look>()
export const onRows = (l: (rows: Row[], isState: boolean) => void) => { rowListeners.add(l); return () => { rowListeners.delete(l) } }
/** Called when the stream cannot tell what has changed; the page is live again when all have answered. */
export const onAnew = (look: Look) => { looks.add(look); return () => { looks.delete(look) } }

let source: EventSource | null = null
let seat = ''
let view: string[] = []
let retry = 0
let retryMs = RETRY_MIN_MS
let wanted = false

// Two clocks: that of the page stands still while some machines sleep, and that of the wall may be set.
interface Moment { page: number; wall: number }
const moment = (): Moment => ({ page: performance.now(), wall: Date.now() })
const msSince = (m: Moment) => Math.max(performance.now() - m.page, Date.now() - m.wall)
let lastWord = moment()
/** Since when it is not known whether all is as it is shown; null while it is. */
let doubtSince: Moment | null = moment()
/** Nobody has drawn what came, or nothing came: what is shown is from before. */
let isOld = false
let hiddenSince: Moment | null = document.hidden ? moment() : null
let seenSince = moment()
/** When it was drawn last what is shown, by the gateway's clock; 0 while all is drawn. */
let drawnAt = 0
let opened = moment()
let lastLook = 0
let lookAgain = 0
let lastTry = 0

function judge() {
  const silentMs = msSince(lastWord), isSilent = silentMs > STALE_MS
  const isLate = isSilent || (doubtSince !== null && msSince(doubtSince) > STALE_MS)
  // Who has just come back is told that it is looked for first.
  const sign: Sign = isLate && msSince(seenSince) > STALE_MS ? 'gone' : doubtSince !== null || isLate ? 'looking' : 'live'
  const before = live.value, stale = isOld || isLate, silentSeconds = isSilent ? Math.round(silentMs / 1000) : 0
  const asOf = !stale ? 0 : before.stale ? before.asOf : drawnAt || now.value
  if (before.sign !== sign || before.stale !== stale || before.silentSeconds !== silentSeconds || before.asOf !== asOf) live.set({ sign, stale, silentSeconds, asOf })
}

function doubt() { doubtSince ??= moment(); judge() }

/** Has the page ask for all that it shows. */
async function lookAnew() {
  const mine = ++lastLook
  clearTimeout(lookAgain)
  doubt()
  const answered = await Promise.all([...looks].map((look) => look().catch(() => false)))
  if (mine !== lastLook) return
  if (!answered.every((is) => is)) { lookAgain = window.setTimeout(() => { if (wanted) void lookAnew() }, RETRY_MIN_MS * 2); return }
  // A stream that broke meanwhile has to say that it is there again.
  if (seat === '') return
  doubtSince = null
  isOld = false
  drawnAt = 0
  judge()
}

function heard() {
  lastWord = moment()
  retryMs = RETRY_MIN_MS
  judge()
}

function close() { source?.close(); source = null; seat = '' }

function open() {
  close()
  clearTimeout(retry)
  clearTimeout(lookAgain)
  // It begins with `resync`, sooner or later: nobody knows what was missed.
  lastLook++
  opened = moment()
  doubt()
  source = new EventSource('/api/v1/stream')
  source.addEventListener('seat', (e) => { seat = JSON.parse(e.data); heard(); sendView() })
  source.addEventListener('tick', (e) => {
    const t = JSON.parse(e.data) as Tick
    clockAhead = Date.now() - t.now
    now.set(t.now)
    tick.set(t)
    heard()
  })
  source.addEventListener('states', (e) => { heard(); const rows = JSON.parse(e.data) as Row[]; for (const l of rowListeners) l(rows, true) })
  source.addEventListener('rows', (e) => { heard(); const rows = JSON.parse(e.data) as Row[]; for (const l of rowListeners) l(rows, false) })
  source.addEventListener('resync', () => { heard(); dropFirstDevices(); void lookAnew() })
  // A browser tries again by itself after a cut, and gives up after an answer that is none: both become one way here.
  source.onerror = () => { close(); doubt(); later() }
}

function later() {
  clearTimeout(retry)
  retry = window.setTimeout(again, retryMs)
  retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
}

async function again() {
  const mine = ++lastTry
  clearTimeout(retry)
  if (!wanted) return
  try {
    const answer = await fetch('/api/v1/session', { signal: AbortSignal.timeout(5000) })
    const session = await answer.json()
    if (!wanted || mine !== lastTry) return
    if (session.state === 'in') open()
    else loggedOut.tell()
  } catch { if (mine === lastTry) later() }
}

export function start() { wanted = true; lastWord = moment(); open() }
export function stop() { wanted = false; lastTry++; close(); clearTimeout(retry); clearTimeout(lookAgain) }
export function tryNow() { retryMs = RETRY_MIN_MS; void again() }

/** Which devices the page shows: only their readings come. */
export function show(keys: string[]) {
  if (keys.length === view.length && keys.every((k, i) => k === view[i])) return
  view = keys
  sendView()
}
function sendView() {
  if (seat === '') return
  void fetch(`/api/v1/stream/${seat}/view`, { method: 'POST', headers: { 'content-type': 'application/json', 'X-DeviceMqtt': '1' }, body: JSON.stringify({ devices: view }) }).catch(() => { })
}

setInterval(() => {
  if (!wanted) return
  if (hiddenSince !== null) {
    if (source && msSince(hiddenSince) > HIDDEN_MS) { clearTimeout(retry); close(); doubt() }
    return
  }
  zoneMayHaveChanged()
  if (!live.value.stale && tick.value === null) now.set(Date.now())
  // A connection can be dead without a word: of a machine that slept, or behind another network.
  if (source && msSince(lastWord) > STALE_MS && msSince(opened) > STALE_MS) { close(); doubt(); later() }
  judge()
}, 1000)

document.addEventListener('visibilitychange', () => {
  if (document.hidden) { hiddenSince ??= moment(); drawnAt ||= now.value; return }
  const hiddenMs = hiddenSince === null ? 0 : msSince(hiddenSince)
  hiddenSince = null
  seenSince = moment()
  if (!wanted) return
  // Pages draw and ask nothing while nobody sees them.
  isOld ||= hiddenMs > STALE_MS
  if (source === null || source.readyState === EventSource.CLOSED || msSince(lastWord) > STALE_MS) { isOld = true; doubt(); tryNow() }
  else void lookAnew()
})
