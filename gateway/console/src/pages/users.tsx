import { useState } from 'preact/hooks'
import type { ApiKey, Failure, Made, Person, Users } from '../api'
import { call, enc, post } from '../api'
import { isOperator, session } from '../app'
import { safeLine, when, words } from '../format'
import { now, useStore } from '../live'
import { usePoll } from '../poll'
import { Button, CopyButton, Dialog, Empty, Failed, Icon, Link, Loading } from '../ui'

const ROLE_WORDS = words<string>({
  operator: 'Sees and changes everything, here and over MQTT.',
  monitor: 'Sees states, counts and readings, and subscribes to everything; changes nothing.',
  bridge: 'A gateway below this one. It does not log in here.',
})
const ruled = 'A role of your own: its topics stand in the settings or in roles.json. It does not log in here.'

export function UsersPage() {
  const { data, failure, load } = usePoll<Users>('/users', 5000)
  const [dialog, setDialog] = useState<'person' | 'key' | null>(null)
  const [editing, setEditing] = useState<Person | null>(null)
  const [wrong, setWrong] = useState<Failure | null>(null)
  const [gone, setGone] = useState<{ what: string; path: string; words: string } | null>(null)
  const [rotating, setRotating] = useState<string | null>(null)
  if (!isOperator()) return <div class="page"><header class="head"><h1>Users</h1></header><Empty icon="users" title="This needs role operator"><p>Ask an operator to see who may get in.</p></Empty></div>
  return <div class="page"><header class="head"><h1>Users</h1><span class="grow" /><Button onClick={() => setDialog('key')} icon="key">New key</Button><Button kind="primary" icon="plus" onClick={() => { setEditing(null); setDialog('person') }}>Add a user</Button></header>
    {failure && <Failed failure={failure} retry={load} />}{wrong && <Failed failure={wrong} />}
    {data?.anonymous && <div class="notice warn"><Icon name="warn" /><div><b>Anybody may connect.</b> Security:AllowAnonymous lets MQTT clients in without a password.<div class="todo">Add users, and take the setting away.</div></div></div>}
    {data && !data.kept && <div class="notice info"><Icon name="info" /><div>This gateway keeps nothing (Data is none): who is added here is gone when it stops.</div></div>}
    {!data ? !failure && <Loading what="the users" /> : <>
      <section class="card pad"><header class="card-head"><h2>People and programs</h2><small>for MQTT, and for this console as their role says</small></header><People people={data.people} edit={(p) => { setEditing(p); setDialog('person') }} remove={(p) => setGone({ what: p.name, path: `/users/${enc(p.name)}`, words: 'gets in no more: connections and logins end' })} /></section>
      <section class="card pad"><header class="card-head"><h2>API keys</h2><small>for programs that use HTTP</small></header>{data.keys.length === 0 ? <p class="muted">No key yet. A program sends one as <code>Authorization: Bearer KEY</code>; what there is to call stands in <a href="/api/v1/docs" target="_blank" rel="noreferrer">the API's documentation</a>.</p> : <Keys keys={data.keys} remove={(k) => setGone({ what: k.name, path: `/keys/${enc(k.name)}`, words: 'is of no use any more' })} />}</section>
      <section class="card pad"><header class="card-head"><h2>Devices</h2><small>each with a password of its own</small><Link to="/add" class="button"><Icon name="plus" />Add a device</Link></header>{data.devices.length === 0 ? <p class="muted">No device has been added yet. Without one nobody gets in as a device.</p> : <ul class="lines">{data.devices.map((d) => <li key={d}><span class="grow"><Link to={`/devices/${enc(d)}`}><bdi>{safeLine(d, 80)}</bdi></Link></span><Button onClick={() => setRotating(d)}>New password</Button><Button icon="trash" kind="quiet" label={`Let ${safeLine(d, 40)} in no more`} onClick={() => setGone({ what: d, path: `/provision/${enc(d)}`, words: 'gets in no more: its connection ends, and its files are deleted' })} /></li>)}</ul>}</section></>}
    {dialog === 'person' && <PersonDialog person={editing} roles={data?.roles ?? ['operator', 'monitor']} close={() => { setDialog(null); load() }} />}
    {dialog === 'key' && <KeyDialog close={() => { setDialog(null); load() }} />}
    {rotating !== null && <RotateDialog device={rotating} close={() => setRotating(null)} />}
    {gone && <Dialog title={`Remove ${safeLine(gone.what, 40)}?`} close={() => setGone(null)}><p><b>{safeLine(gone.what, 60)}</b> {gone.words}.</p><div class="row end"><Button onClick={() => setGone(null)}>Keep</Button><Button kind="danger" onClick={() => call('DELETE', gone.path).then(() => { setGone(null); setWrong(null); load() }, (x) => { setWrong(x as Failure); setGone(null) })}>Remove</Button></div></Dialog>}</div>
}
function People({ people, edit, remove }: { people: Person[]; edit: (p: Person) => void; remove: (p: Person) => void }) {
  const n = useStore(now)
  const words = (p: Person) => [p.role, p.from === 'settings' ? 'from the settings' : '', p.console ? '' : 'MQTT only', p.sessions.length > 0 ? `logged in from ${[...new Set(p.sessions.map((s) => s.address))].join(', ')}, last ${when(Math.max(...p.sessions.map((s) => s.last)), n)}` : ''].filter((w) => w !== '').join(' · ')
  return <ul class="lines tall">{people.map((p) => <li key={p.name}><span class="avatar" aria-hidden="true">{[...p.name][0]?.toUpperCase()}</span><span class="grow two"><b><bdi>{safeLine(p.name, 60)}</bdi>{p.name === session.value?.user && <small> (you)</small>}</b><small>{words(p)}</small></span>
    {p.from !== 'settings' && <><Button onClick={() => edit(p)}>Change</Button><Button icon="trash" kind="quiet" label={`Remove ${safeLine(p.name, 40)}`} onClick={() => remove(p)} /></>}</li>)}</ul>
}
function Keys({ keys, remove }: { keys: ApiKey[]; remove: (k: ApiKey) => void }) {
  const n = useStore(now)
  return <ul class="lines tall">{keys.map((k) => <li key={k.name}><span class="avatar" aria-hidden="true"><Icon name="key" size={16} /></span><span class="grow two"><b><bdi>{safeLine(k.name, 60)}</bdi></b><small>{k.role} · since {when(k.created, n)}</small></span><Button icon="trash" kind="quiet" label={`Remove ${safeLine(k.name, 40)}`} onClick={() => remove(k)} /></li>)}</ul>
}
const Roles = ({ role, roles, set }: { role: string; roles: string[]; set: (r: string) => void }) => <div class="stack"><span class="label">Role</span><span class="segments" role="group" aria-label="Role">{roles.map((r) => <button key={r} type="button" aria-pressed={role === r} onClick={() => set(r)}>{safeLine(r.charAt(0).toUpperCase() + r.slice(1), 30)}</button>)}</span><small class="muted">{ROLE_WORDS[role] ?? ruled}</small></div>
function PersonDialog({ person, roles, close }: { person: Person | null; roles: string[]; close: () => void }) {
  const [name, setName] = useState(person?.name ?? ''), [role, setRole] = useState(person?.role ?? 'operator'), [password, setPassword] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const save = (e: Event) => { e.preventDefault(); call('PUT', '/users', { name, role, password: password || undefined }).then(close, (x) => setFailure(x as Failure)) }
  return <Dialog title={person ? `Change ${safeLine(person.name, 40)}` : 'Add a user'} close={close}><form class="stack" onSubmit={save}><label>Name<input value={name} required maxLength={64} disabled={person !== null} autocomplete="off" autofocus={person === null} onInput={(e) => setName((e.target as HTMLInputElement).value)} /></label><Roles role={role} roles={roles} set={setRole} />
    <label>{person ? 'A new password, or none to keep it' : 'Password, 10 characters or more'}<input type="password" value={password} required={person === null} minLength={10} maxLength={128} autocomplete="new-password" onInput={(e) => setPassword((e.target as HTMLInputElement).value)} /></label>{failure && <Failed failure={failure} />}<div class="row end"><Button onClick={close}>Cancel</Button><button class="button primary">Save</button></div></form></Dialog>
}
function RotateDialog({ device, close }: { device: string; close: () => void }) {
  const [made, setMade] = useState<Made | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  if (made) return <Dialog title="Flash the board" close={close}><p>The old password is of no use any more. Connect the board by USB, and run in the folder of the project:</p><pre class="code break">{made.command}</pre><div class="row end"><CopyButton text={made.command}>Copy the command</CopyButton><Button kind="primary" onClick={close}>Done</Button></div></Dialog>
  return <Dialog title={`A new password for ${safeLine(device, 40)}?`} close={close}><p>The board is out at once, until it is flashed with the new one.</p>{failure && <Failed failure={failure} />}<div class="row end"><Button onClick={close}>Keep the old one</Button><Button kind="danger" onClick={() => post<Made>(`/provision/${enc(device)}/rotate`).then(setMade, (x) => setFailure(x as Failure))}>New password</Button></div></Dialog>
}
function KeyDialog({ close }: { close: () => void }) {
  const [name, setName] = useState(''), [role, setRole] = useState('monitor'), [made, setMade] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  if (made) return <Dialog title="The new key" close={close}><p>Copy it now. It is not shown again, and the gateway keeps only its hash.</p><pre class="code break">{made}</pre><div class="row end"><CopyButton text={made}>Copy the key</CopyButton><Button kind="primary" onClick={close}>Done</Button></div></Dialog>
  return <Dialog title="A key for a program" close={close}><form class="stack" onSubmit={(e) => { e.preventDefault(); post<{ key: string }>('/keys', { name, role }).then((k) => setMade(k.key), (x) => setFailure(x as Failure)) }}><label>What it is for<input value={name} required maxLength={64} placeholder="prometheus" autofocus onInput={(e) => setName((e.target as HTMLInputElement).value)} /></label><Roles role={role} roles={['operator', 'monitor']} set={setRole} />{failure && <Failed failure={failure} />}<div class="row end"><Button onClick={close}>Cancel</Button><button class="button primary">Make it</button></div></form></Dialog>
}
