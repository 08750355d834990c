// The one stream of this page: states of all devices, readings of those in view, and a tick each second that proves the gateway is there.
import { useEffect, useState } from 'preact/hooks'
import type { Row, Tick } from './api'
import { dropFirstDevices, loggedOut } from './api'

const STALE_MS = 6_000
const HIDDEN_MS = 60_000

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

export interface LiveState { stale: boolean; silentSeconds: number; asOf: number; everLive: boolean }
export const tick = new Store<Tick | null>(null)
export const live = new Store<LiveState>({ stale: false, silentSeconds: 0, asOf: 0, everLive: false })
/** The gateway's clock, once a second; stands still while nothing is known. */
export const now = new Store<number>(Date.now())
/** Milliseconds that this device's clock is ahead of the gateway's. */
export let clockAhead = 0

const rowListeners = new Set<(rows: Row[], isState: boolean) => void>()
const anewListeners = new Set<Listener>()
export const onRows = (l: (rows: Row[], isState: boolean) => void) => { rowListeners.add(l); return () => { rowListeners.delete(l) } }
export const onAnew = (l: Listener) => { anewListeners.add(l); return () => { anewListeners.delete(l) } }

let source: EventSource | null = null
let seat = ''
let view: string[] = []
let lastWord = performance.now()
let retry = 0
let retryMs = 1000
let hiddenAt = 0
let wanted = false

function heard() {
  lastWord = performance.now()
  retryMs = 1000
  if (live.value.stale || !live.value.everLive) live.set({ stale: false, silentSeconds: 0, asOf: now.value, everLive: true })
}

function open() {
  source?.close()
  clearTimeout(retry)
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
  source.addEventListener('resync', () => { heard(); dropFirstDevices(); for (const l of anewListeners) l() })
  source.onerror = () => {
    // A browser tries again by itself after a cut, and gives up after an answer that is none: both become one way here.
    source?.close()
    seat = ''
    retry = window.setTimeout(again, retryMs)
    retryMs = Math.min(retryMs * 2, 8000)
  }
}

async function again() {
  if (!wanted) return
  try {
    const answer = await fetch('/api/v1/session', { signal: AbortSignal.timeout(5000) })
    const session = await answer.json()
    if (session.state !== 'in') { loggedOut.tell(); return }
    open()
  } catch {
    retry = window.setTimeout(again, retryMs)
    retryMs = Math.min(retryMs * 2, 8000)
  }
}

export function start() { wanted = true; lastWord = performance.now(); open() }
export function stop() { wanted = false; source?.close(); source = null; clearTimeout(retry) }
export function tryNow() { retryMs = 1000; clearTimeout(retry); void again() }

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
  const silent = performance.now() - lastWord
  if (silent > STALE_MS && !document.hidden) live.set({ ...live.value, stale: true, silentSeconds: Math.round(silent / 1000), asOf: live.value.stale ? live.value.asOf : now.value })
  else if (!live.value.stale && tick.value === null) now.set(Date.now())
  if (document.hidden && hiddenAt > 0 && performance.now() - hiddenAt > HIDDEN_MS && source) { source.close(); source = null; seat = '' }
}, 1000)

document.addEventListener('visibilitychange', () => {
  hiddenAt = document.hidden ? performance.now() : 0
  if (document.hidden || !wanted) return
  if (source === null || source.readyState === EventSource.CLOSED) { lastWord = performance.now(); tryNow() }
})
