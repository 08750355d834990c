using System;
using System.Text;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// The whole device: one object, one thread that calls <see cref="Tick"/> every 10 to 100 ms with the milliseconds since boot. It never
    /// blocks, but for the flash while a batch is written, so the caller may feed a watchdog from the same place.
    /// <list type="bullet">
    /// <item>A connection begins with presence, then birth, then everything else.</item>
    /// <item>A message of QoS 1 is kept until it is acknowledged; a connection that ends acknowledges nothing.</item>
    /// <item>Everything is reserved at start. A tick that publishes nothing allocates nothing.</item>
    /// </list>
    /// </summary>
    public sealed class DeviceLoop
    {
        private readonly DeviceParts _parts = new DeviceParts();
        private readonly DeviceOptions _options;
        private readonly LevelLog _log;
        private readonly MqttLink _link;
        private readonly Outboxes _outboxes;
        private readonly Publisher _publisher;
        private readonly CommandDispatcher _commands;
        private readonly Birth _birthWriter;
        private readonly Announcement _presence;
        private readonly Announcement _birth;
        private StandardHandlers? _standard;
        private int _lost;
        private int _connection;
        private int _failuresInARow;
        private int _birthBytes;
        private long _leaveBeforeMs;
        private int _sleepSeconds;
        private bool _isStarted;
        private bool _isStopping;
        private bool _isLeaving;

        /// <param name="options">Who the device is. Not changed afterwards.</param>
        /// <param name="clock">Wall time, if known. One that is an <see cref="ISettableClock"/> is set by the command <c>time.set</c>.</param>
        /// <param name="clients">Makes a client for each connection.</param>
        /// <param name="background">Where blocking work goes.</param>
        /// <param name="log">Hears what happens.</param>
        /// <param name="ring">File for telemetry of class <see cref="TelemetryClass.Stored"/>, or null: then that is kept in memory.</param>
        /// <param name="commandFile">File of the last commands, or null: then a restart forgets them.</param>
        /// <exception cref="ArgumentException">An option is missing or out of range; the message begins with its name.</exception>
        public DeviceLoop(DeviceOptions options, IClock clock, IMqttClientFactory clients, IBackground background, IDeviceLog log, IRingFile? ring, IRingFile? commandFile = null)
        {
            string wrong = options.Check();
            if (wrong.Length > 0)
            {
                throw new ArgumentException(wrong, nameof(options));
            }

            _options = options;
            _log = new LevelLog(log, options.LogLevel);
            Clock = clock;
            // One for all that is written on this thread: answers, readings, the birth. Each is copied before the next begins.
            FlatJsonWriter writer = new FlatJsonWriter(WireLimits.CommandBytesMax);
            _link = new MqttLink(clients, background, options, _log);
            _outboxes = new Outboxes(options.OutboxBytes, ring, _log);
            _publisher = new Publisher(_link, _outboxes, options, clock, writer);
            _commands = new CommandDispatcher(options.ClientId, clock, _outboxes.Answers, new CommandMemory(commandFile, _log), writer, _log);
            _birthWriter = new Birth(options, clock, _parts, _commands, _link.Inbox, writer);
            _presence = new Announcement(PresenceTopic.Build(options.ClientId));
            _birth = new Announcement(DeviceTopic.BuildInfo(options.Prefix, options.DeviceName));
        }

        /// <summary>Where the connection stands.</summary>
        public LinkState Link => _link.State;

        /// <summary>Messages of QoS 1 that are not acknowledged yet.</summary>
        public int PendingMessages => _outboxes.Count;

        /// <summary>Messages that were lost since boot, because an outbox or the inbox was full, and changes of event sources that came too fast.</summary>
        public int DroppedMessages => _outboxes.Dropped + _link.Inbox.Dropped + _parts.DroppedEvents;

        /// <summary>Commands that were neither carried out nor answered since boot: they found no room.</summary>
        public int LostCommands => _link.Inbox.Lost;

        /// <summary>True if the command <c>reboot</c> made it stop: the board is to be started anew.</summary>
        public bool IsRebootAsked => _standard != null && _standard.IsRebootDue;

        /// <summary>True if it stops because two calls of the network did not come back (<see cref="DeviceLimits.ConnectMs"/>): the board is to be started anew.</summary>
        public bool IsHung => _link.IsHung;

        internal DeviceOptions Options => _options;

        internal IClock Clock { get; }

        internal LevelLog Level => _log;

        internal int ConnectionCount => _link.ConnectionCount;

        internal DeviceParts Parts => _parts;

        /// <summary>True when <see cref="RequestStop"/> was obeyed; then a tick does nothing.</summary>
        public bool IsStopped { get; private set; }

        /// <summary>True when every sensor was read (or failed) and everything that was to be told was told and acknowledged.</summary>
        public bool IsSettled
        {
            get
            {
                return _link.IsUp && _presence.IsTold && _birth.IsTold && PendingMessages == 0 && _link.Inbox.IsEmpty && _parts.HaveRun;
            }
        }

        /// <summary>True when nothing is under way: settled, no pulse, no reboot that was asked for.</summary>
        internal bool IsQuiet => IsSettled && IsIdle;

        /// <summary>True while a command waits, is being carried out (a pulse, a reboot), or has an answer that is not acknowledged.</summary>
        internal bool IsObeying => !IsIdle || !_link.Inbox.IsEmpty || _outboxes.Answers.Count > 0;

        private bool IsIdle => _standard == null || _standard.IsQuiet;

        /// <summary>Adds a telemetry stream; before the first tick.</summary>
        /// <exception cref="ArgumentException">There are too many, or the name is taken.</exception>
        /// <exception cref="InvalidOperationException">The loop has started.</exception>
        public void Add(TelemetryStream stream)
        {
            CheckNotStarted();
            _parts.Add(stream);
            stream.SetTopics(_options.Prefix, _options.DeviceName);
        }

        /// <summary>Adds an event source; before the first tick.</summary>
        /// <exception cref="ArgumentException">There are too many, or the name is taken.</exception>
        /// <exception cref="InvalidOperationException">The loop has started.</exception>
        public void Add(EventSource source)
        {
            CheckNotStarted();
            _parts.Add(source);
            source.SetTopic(_options.Prefix, _options.DeviceName);
        }

        /// <summary>Adds a command; before the first tick.</summary>
        /// <exception cref="ArgumentException">There are too many, the name is taken or too long.</exception>
        /// <exception cref="InvalidOperationException">The loop has started.</exception>
        public void Add(ICommandHandler handler)
        {
            CheckNotStarted();
            _commands.Add(handler);
        }

        /// <summary>Adds the commands that every board has (firmware/docs/wire.md); before the first tick.</summary>
        /// <param name="pins">The pins that commands may use, or null for none: then there are no commands for them.</param>
        /// <param name="store">Where changed settings are kept, or null: then a restart forgets them.</param>
        public void AddStandardCommands(IPins? pins, ISettingStore? store)
        {
            CheckNotStarted();
            _standard = new StandardHandlers(this, pins, store);
        }

        /// <summary>
        /// Asks for a clean end: the following ticks tell what is left, say that the device goes, wait for the acknowledgement, all of it for at most
        /// <see cref="DeviceLimits.LeaveMs"/>, and disconnect. To be called on the loop's thread.
        /// </summary>
        public void RequestStop()
        {
            _isStopping = true;
        }

        /// <summary>Like <see cref="RequestStop"/>, for a board that comes back: its last birth says when.</summary>
        /// <param name="seconds">How long it will be away.</param>
        public void RequestSleep(int seconds)
        {
            _sleepSeconds = seconds;
            _isStopping = true;
        }

        /// <summary>Does what is due.</summary>
        /// <param name="nowMs">Milliseconds since boot; never less than the time before.</param>
        /// <exception cref="InvalidOperationException">At the first tick: all that was added does not fit into a birth message.</exception>
        public void Tick(long nowMs)
        {
            if (IsStopped)
            {
                return;
            }

            if (!_isStarted)
            {
                Start();
            }

            Settle(nowMs);
            _link.Tick(nowMs);
            NoticeConnection();
            CheckAcknowledgements(nowMs);
            _standard?.Tick(nowMs);
            _commands.Tick(_link.Inbox, nowMs);
            NoticeLost();
            _isStopping |= IsRebootAsked || IsHung;
            if (_isStopping)
            {
                Stop(nowMs);
                return;
            }

            Measure(nowMs);
            _outboxes.Tick(_link.IsUp, nowMs);
            Send(nowMs);
        }

        private void Start()
        {
            if (!_birthWriter.Fits())
            {
                throw new InvalidOperationException(_birth.Topic);
            }

            _isStarted = true;
        }

        private void Settle(long nowMs)
        {
            ushort packetId;
            bool isAcknowledged;
            while (_link.TryTakeResult(out packetId, out isAcknowledged))
            {
                _failuresInARow = isAcknowledged ? 0 : _failuresInARow + 1;
                if (_presence.TrySettle(packetId, isAcknowledged))
                {
                    Note(isAcknowledged, DeviceNote.PresenceTold, _presence.Topic, _isLeaving ? 0 : 1);
                }
                else if (_birth.TrySettle(packetId, isAcknowledged))
                {
                    Note(isAcknowledged, DeviceNote.BirthTold, _birth.Topic, _birthBytes);
                }
                else
                {
                    _outboxes.Settle(packetId, isAcknowledged, nowMs);
                }
            }
        }

        private void Note(bool happened, DeviceNote note, string subject, long number)
        {
            if (happened)
            {
                _log.Write(note, subject, number);
            }
        }

        /// <summary>Compares with the tick before: a connection that ended takes back what was in flight, a new one has everything to tell.</summary>
        private void NoticeConnection()
        {
            int connection = _link.IsUp ? _link.ConnectionCount : 0;
            if (connection == _connection)
            {
                return;
            }

            if (_connection != 0)
            {
                _presence.ForgetInFlight();
                _birth.ForgetInFlight();
                _outboxes.ForgetInFlight();
                _failuresInARow = 0;
            }

            if (connection != 0)
            {
                _presence.Change();
                _birth.Change();
            }

            _connection = connection;
        }

        private void NoticeLost()
        {
            int lost = LostCommands;
            if (lost != _lost)
            {
                _lost = lost;
                _birth.Change();
                _log.Write(DeviceNote.CommandLost, _options.ClientId, lost);
            }
        }

        /// <summary>A connection on which nothing is acknowledged is dead, even if nobody says so.</summary>
        private void CheckAcknowledgements(long nowMs)
        {
            if (!_link.IsUp)
            {
                return;
            }

            if (_failuresInARow >= DeviceLimits.FailuresInARowMax
                || _presence.IsOverdue(nowMs)
                || _birth.IsOverdue(nowMs)
                || _outboxes.IsOverdue(nowMs))
            {
                _link.Drop(LinkFault.NotAcknowledged, nowMs);
                NoticeConnection();
            }
        }

        private void Measure(long nowMs)
        {
            if (_parts.Tick(_publisher, _log, nowMs))
            {
                _birth.Change();
            }
        }

        private void Send(long nowMs)
        {
            if (!_link.IsUp)
            {
                return;
            }

            if (_presence.IsDue && !_presence.TrySend(_link, Encoding.UTF8.GetBytes(PresenceTopic.Online), nowMs))
            {
                return;
            }

            if (_birth.IsDue && !TrySendBirth(nowMs))
            {
                return;
            }

            _outboxes.Flush(_link, nowMs);
        }

        private bool TrySendBirth(long nowMs)
        {
            byte[] birth = _birthWriter.Write(nowMs, _sleepSeconds);
            _birthBytes = birth.Length;
            return _birth.TrySend(_link, birth, nowMs);
        }

        private void Stop(long nowMs)
        {
            if (!_isLeaving)
            {
                _isLeaving = true;
                _leaveBeforeMs = nowMs + DeviceLimits.LeaveMs;
                _presence.Change();
                if (_sleepSeconds > 0)
                {
                    _birth.Change();
                }
            }

            // The last command may have been one that switches something.
            _parts.TickEvents(_publisher, _log, nowMs);
            if (_link.IsUp && nowMs < _leaveBeforeMs)
            {
                // What came before the goodbye is acknowledged already: it is carried out and answered first. And what waits in memory would be lost.
                _outboxes.Flush(_link, nowMs);
                if ((!_link.Inbox.IsEmpty || PendingMessages > 0) && nowMs < _leaveBeforeMs - DeviceLimits.GoodbyeMs)
                {
                    return;
                }

                if (_sleepSeconds > 0 && _birth.IsDue && !TrySendBirth(nowMs))
                {
                    return;
                }

                if (_presence.IsDue)
                {
                    _presence.TrySend(_link, Encoding.UTF8.GetBytes(PresenceTopic.Offline), nowMs);
                }

                if (!_presence.IsTold || (_sleepSeconds > 0 && !_birth.IsTold))
                {
                    return;
                }
            }

            _commands.Close();
            _outboxes.Close(nowMs);
            // Without the goodbye no DISCONNECT either: the Will says it then.
            _link.End(_presence.IsHandedOver);
            IsStopped = true;
            _log.Write(DeviceNote.Stopped, _options.ClientId, PendingMessages);
        }

        private void CheckNotStarted()
        {
            if (_isStarted)
            {
                throw new InvalidOperationException("started");
            }
        }
    }
}
