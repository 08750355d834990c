import { useState } from 'preact/hooks'
import type { Setting } from '../api'
import type { Zone } from '../format'
import { safeLine, zone } from '../format'
import { usePoll } from '../poll'
import { Button, Failed, Icon, Loading } from '../ui'

export function SettingsPage() {
  const { data, failure, load } = usePoll<Setting[]>('/settings', 60_000)
  const [q, setQ] = useState(''), [set, setSet] = useState(false)
  const [, redraw] = useState(0)
  const shown = (data ?? []).filter((s) => (!set || s.from !== 'default') && s.key.toLowerCase().includes(q.toLowerCase()))
  const keys = localStorage.getItem('keys') !== 'off'
  return <div class="page"><header class="head"><h1>Settings</h1></header>
    <section class="card pad"><h2>This browser</h2><div class="row wrap"><span class="label">Times</span><span class="segments" role="group" aria-label="Time zone">{([['local', 'My zone'], ['utc', 'UTC']] as [Zone, string][]).map(([z, l]) => <button key={z} aria-pressed={zone.value === z} onClick={() => { zone.value = z; localStorage.setItem('zone', z); redraw((n) => n + 1) }}>{l}</button>)}</span>
      <label class="check"><input type="checkbox" checked={keys} onChange={(e) => { localStorage.setItem('keys', (e.target as HTMLInputElement).checked ? 'on' : 'off'); redraw((n) => n + 1) }} /> Keys of the console (<kbd>?</kbd> shows them)</label></div></section>
    <section class="card pad"><header class="card-head"><h2>The gateway, as it runs</h2></header><p class="muted">You change a setting in the file of <code>--config</code>, in the environment or on the command line. <code>devicemqtt reload</code> applies at once what can change while the gateway runs. All else holds from the next start on.</p>
      <div class="row watch-tools"><label class="search grow"><Icon name="search" size={16} /><input type="search" value={q} placeholder="Limits:Queue" aria-label="Find a setting" onInput={(e) => setQ((e.target as HTMLInputElement).value)} /></label><Button aria-pressed={set} onClick={() => setSet(!set)}>Only what is set</Button></div>
      {failure && <Failed failure={failure} retry={load} />}
      {!data ? !failure && <Loading what="the settings" /> : shown.length === 0 ? <p class="muted">No setting matches. {set && 'Nothing else is set: all have their defaults.'}</p> : <div class="scroll"><table class="settings"><thead><tr><th>Setting</th><th>Value</th><th>From</th></tr></thead><tbody>{shown.map((s) => <tr key={s.key}><td><code class="break">{s.key}</code></td><td class="break">{safeLine(s.value, 300) || <span class="muted">empty</span>}</td><td>{s.from === 'default' ? <span class="muted">default</span> : <b>{s.from}</b>}</td></tr>)}</tbody></table></div>}</section></div>
}
