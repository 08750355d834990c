import { Store } from './live'

export interface Place { path: string[]; query: URLSearchParams }
const decode = (p: string) => { try { return decodeURIComponent(p) } catch { return p } }
const read = (): Place => ({ path: location.pathname.split('/').filter((p) => p !== '').map(decode), query: new URLSearchParams(location.search) })
export const place = new Store<Place>(read())
const scrolls = new Map<string, number>()
const keyOf = () => location.pathname + location.search
export function go(to: string, replace = false) {
  scrolls.set(keyOf(), scrollY)
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  place.set(read())
  if (!replace) scrollTo(0, 0)
}
/** Changes what the address says of this page, without a new entry in the history. */
export function setQuery(changes: Record<string, string | undefined>) {
  const q = new URLSearchParams(location.search)
  for (const [k, v] of Object.entries(changes)) { if (v === undefined || v === '') q.delete(k); else q.set(k, v) }
  const text = q.toString()
  go(location.pathname + (text ? '?' + text : ''), true)
}
addEventListener('popstate', () => { place.set(read()); const y = scrolls.get(keyOf()) ?? 0; requestAnimationFrame(() => scrollTo(0, y)) })
history.scrollRestoration = 'manual'
