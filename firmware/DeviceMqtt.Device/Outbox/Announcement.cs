using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// A retained message that tells a state, like presence and birth: only the newest counts, and every connection tells it anew. Not in the
    /// outbox, because an old state is of no use to anybody.
    /// </summary>
    internal sealed class Announcement
    {
        private bool _isDue;
        private bool _isInFlight;
        private ushort _packetId;
        private long _sentMs;

        internal Announcement(string topic)
        {
            Topic = topic;
        }

        internal string Topic { get; }

        /// <summary>True if there is something to tell.</summary>
        internal bool IsDue => _isDue && !_isInFlight;

        /// <summary>True if what was to be told was told and acknowledged.</summary>
        internal bool IsTold => !_isDue && !_isInFlight;

        /// <summary>True if the newest state was handed to the connection there is, acknowledged or not yet.</summary>
        internal bool IsHandedOver => !_isDue;

        /// <summary>The state has changed.</summary>
        internal void Change()
        {
            _isDue = true;
        }

        /// <summary>Hands the newest state to the library.</summary>
        internal bool TrySend(MqttLink link, byte[] payload, long nowMs)
        {
            ushort packetId;
            if (!link.TryPublish(Topic, payload, MqttQoSLevel.AtLeastOnce, true, nowMs, out packetId))
            {
                return false;
            }

            _packetId = packetId;
            _sentMs = nowMs;
            _isDue = false;
            _isInFlight = true;
            return true;
        }

        /// <summary>Takes note of what became of a message. False if it is not this one.</summary>
        internal bool TrySettle(ushort packetId, bool isAcknowledged)
        {
            if (!_isInFlight || _packetId != packetId)
            {
                return false;
            }

            _isInFlight = false;
            _isDue |= !isAcknowledged;
            return true;
        }

        /// <summary>True if it has waited for its acknowledgement for too long.</summary>
        internal bool IsOverdue(long nowMs)
        {
            return _isInFlight && nowMs - _sentMs > DeviceLimits.AcknowledgeMs;
        }

        /// <summary>The connection has ended: what was not acknowledged was not told.</summary>
        internal void ForgetInFlight()
        {
            _isDue |= _isInFlight;
            _isInFlight = false;
        }
    }
}
