using System.Threading;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// The connection to the gateway: makes it, notices its end, makes the next one. Runs on the device loop and never blocks it.
    /// <list type="bullet">
    /// <item>Every attempt has a client of its own; a client is never connected twice.</item>
    /// <item>What was handed to a connection that ended counts as not sent, whatever the library says or does not say.</item>
    /// <item>At most <see cref="DeviceLimits.PublishesPerSecondMax"/> QoS 1 messages are handed over in a second.</item>
    /// <item>One connection that does not come to its end is left behind, and not a second: each holds a thread and a client.</item>
    /// </list>
    /// </summary>
    internal sealed class MqttLink
    {
        private readonly IMqttClientFactory _factory;
        private readonly IBackground _background;
        private readonly DeviceOptions _options;
        private readonly IDeviceLog _log;
        private readonly Backoff _backoff;
        private LinkConnection? _connection;
        private LinkConnection? _leaving;

        // Whose end was not waited for any more.
        private LinkConnection? _stuck;
        private long _dueMs;
        private long _sinceMs;
        private long _windowMs;
        private int _windowCount;
        private int _attemptsFailed;
        private bool _isDueSet;
        private LinkFault _publishFault;

        internal MqttLink(IMqttClientFactory factory, IBackground background, DeviceOptions options, IDeviceLog log)
        {
            _factory = factory;
            _background = background;
            _options = options;
            _log = log;
            Inbox = new Inbox(options.ClientId);
            _backoff = new Backoff(options.BackoffFirstMs, options.BackoffMaxMs, options.StableMs, options.Seed);
        }

        internal LinkState State { get; private set; }

        internal bool IsUp => State == LinkState.Up;

        /// <summary>True if two connections do not come to their end: there are no more attempts.</summary>
        internal bool IsHung { get; private set; }

        /// <summary>How many connections there have been since boot.</summary>
        internal int ConnectionCount { get; private set; }

        internal Inbox Inbox { get; }

        internal void Tick(long nowMs)
        {
            switch (State)
            {
                case LinkState.Down:
                    if ((!_isDueSet || nowMs >= _dueMs) && IsRoomForNext(nowMs))
                    {
                        Attempt(nowMs);
                    }

                    break;
                case LinkState.Connecting:
                    CheckAttempt(nowMs);
                    break;
                case LinkState.Up:
                    if (_publishFault != LinkFault.None)
                    {
                        Drop(_publishFault, nowMs);
                    }
                    else if (_connection == null || _connection.HasEnded())
                    {
                        Drop(LinkFault.Closed, nowMs);
                    }

                    break;
            }
        }

        /// <summary>
        /// Hands a message to the library. False if it has to wait: no connection, too many in this second, or the library's queue is full.
        /// </summary>
        internal bool TryPublish(string topic, byte[] payload, MqttQoSLevel qos, bool retain, long nowMs, out ushort packetId)
        {
            packetId = 0;
            if (_connection == null || !IsUp || _publishFault != LinkFault.None || !HasRoom(qos, nowMs))
            {
                return false;
            }

            LinkFault fault;
            bool taken = _connection.TryPublish(topic, payload, qos, retain, out packetId, out fault);
            _publishFault = fault;
            if (taken && qos != MqttQoSLevel.AtMostOnce)
            {
                _windowCount++;
            }

            return taken;
        }

        /// <summary>True if a message would not have to wait for the next second. Asked first, because the payload of a message is a copy.</summary>
        internal bool HasRoom(MqttQoSLevel qos, long nowMs)
        {
            if (nowMs - _windowMs >= 1000)
            {
                _windowMs = nowMs;
                _windowCount = 0;
            }

            return IsUp && (qos == MqttQoSLevel.AtMostOnce || _windowCount < DeviceLimits.PublishesPerSecondMax);
        }

        /// <summary>Takes the next message of this connection of which the library said what became of it.</summary>
        internal bool TryTakeResult(out ushort packetId, out bool isAcknowledged)
        {
            packetId = 0;
            isAcknowledged = false;
            return _connection != null && IsUp && _connection.TryTakeResult(out packetId, out isAcknowledged);
        }

        /// <summary>Gives the connection up and tries again later.</summary>
        internal void Drop(LinkFault fault, long nowMs)
        {
            LinkConnection? connection = _connection;
            if (connection != null)
            {
                _background.Run(connection.Close);
            }

            _log.Write(DeviceNote.LinkLost, _options.ClientId, (long)fault);
            _backoff.ConnectionEnded(nowMs - _sinceMs);
            GoDown(nowMs);
        }

        /// <summary>Ends for good. When connected, says DISCONNECT, so that the gateway does not send the Will; but only if the Will has nothing more to tell.</summary>
        /// <param name="isGoodbyeHandedOver">Whether the device has said on this connection that it goes.</param>
        internal void End(bool isGoodbyeHandedOver)
        {
            LinkConnection? connection = _connection;
            if (connection != null)
            {
                // An attempt that is still being made is closed by itself when it finds itself abandoned.
                connection.Abandon();
                _background.Run(IsUp && isGoodbyeHandedOver ? new ThreadStart(connection.Leave) : new ThreadStart(connection.Close));
            }

            _connection = null;
            State = LinkState.Ended;
        }

        /// <summary>Two connections at once would need the memory of TLS twice: the next one waits until the last is closed, but not for ever.</summary>
        private bool IsRoomForNext(long nowMs)
        {
            if (_leaving == null || _leaving.IsGone())
            {
                return true;
            }

            if (nowMs < _dueMs + DeviceLimits.CloseMs)
            {
                return false;
            }

            if (_stuck != null && !_stuck.IsGone())
            {
                IsHung = true;
                return false;
            }

            _stuck = _leaving;
            return true;
        }

        private void Attempt(long nowMs)
        {
            LinkConnection connection = new LinkConnection(_factory, _options, Inbox);
            _connection = connection;
            _sinceMs = nowMs;
            State = LinkState.Connecting;
            _log.Write(DeviceNote.Connecting, _options.ClientId, _attemptsFailed);
            _background.Run(connection.Open);
        }

        private void CheckAttempt(long nowMs)
        {
            LinkFault fault = LinkFault.Closed;
            string text = "";
            bool isOver = _connection == null || _connection.IsOpened(out fault, out text);
            if (!isOver)
            {
                if (nowMs - _sinceMs < DeviceLimits.ConnectMs)
                {
                    return;
                }

                // The library hangs. The attempt closes itself if it ever ends.
                _connection?.Abandon();
                fault = LinkFault.TimedOut;
            }

            if (fault != LinkFault.None)
            {
                _attemptsFailed++;
                _log.Write(DeviceNote.ConnectFailed, text, (long)fault);
                GoDown(nowMs);
                return;
            }

            State = LinkState.Up;
            _sinceMs = nowMs;
            _windowMs = nowMs;
            _windowCount = 0;
            _attemptsFailed = 0;
            _publishFault = LinkFault.None;
            ConnectionCount++;
            _log.Write(DeviceNote.Connected, _options.ClientId, ConnectionCount);
        }

        private void GoDown(long nowMs)
        {
            _leaving = _connection;
            _connection = null;
            _publishFault = LinkFault.None;
            State = LinkState.Down;
            _dueMs = nowMs + _backoff.NextMs();
            _isDueSet = true;
        }
    }
}
