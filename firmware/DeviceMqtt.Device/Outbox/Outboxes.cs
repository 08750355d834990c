namespace DeviceMqtt.Device
{
    /// <summary>
    /// All messages of QoS 1 that wait: answers, telemetry in memory, telemetry that survives a restart. Each keeps its own order; a topic is
    /// always in the same one.
    /// </summary>
    internal sealed class Outboxes
    {
        private readonly Outbox _telemetry;
        private readonly StoredOutbox? _stored;

        /// <param name="telemetryBytes">Memory for telemetry.</param>
        /// <param name="file">Where stored telemetry goes; without one it is kept in memory like the other.</param>
        /// <param name="log">Told of every drop.</param>
        internal Outboxes(int telemetryBytes, IRingFile? file, IDeviceLog log)
        {
            Answers = new Outbox(DeviceLimits.AnswerBytesMax, DeviceLimits.AnswersMax, DeviceLimits.AnswersMax, false, log);
            _telemetry = new Outbox(telemetryBytes, telemetryBytes / DeviceLimits.OutboxMessageBytesMin, DeviceLimits.OutboxTopicsMax, true, log);
            _stored = file == null ? null : new StoredOutbox(file, log);
        }

        /// <summary>Answers to commands.</summary>
        internal Outbox Answers { get; }

        /// <summary>Messages that are not acknowledged yet.</summary>
        internal int Count => Answers.Count + _telemetry.Count + (_stored == null ? 0 : _stored.Count);

        /// <summary>Messages dropped since boot.</summary>
        internal int Dropped => Answers.Dropped + _telemetry.Dropped + (_stored == null ? 0 : _stored.Dropped);

        /// <summary>Adds telemetry behind what waits already. False if it is too long.</summary>
        internal bool TryAdd(TelemetryClass telemetryClass, string topic, byte[] payload, int length, bool isOffline, long nowMs)
        {
            return telemetryClass == TelemetryClass.Stored && _stored != null
                ? _stored.TryAdd(topic, payload, length, isOffline, nowMs)
                : _telemetry.TryAdd(topic, payload, 0, length, isOffline);
        }

        /// <summary>To be called at each tick.</summary>
        internal void Tick(bool isUp, long nowMs)
        {
            _stored?.Tick(isUp, nowMs);
        }

        /// <summary>Sends what may be sent now. Answers first: a command is not to wait behind a backlog of telemetry.</summary>
        internal void Flush(MqttLink link, long nowMs)
        {
            Answers.Flush(link, nowMs);
            _telemetry.Flush(link, nowMs);
            _stored?.Flush(link, nowMs);
        }

        /// <summary>Takes note of what became of a message.</summary>
        internal void Settle(ushort packetId, bool isAcknowledged, long nowMs)
        {
            bool isSettled = Answers.TrySettle(packetId, isAcknowledged, nowMs)
                || _telemetry.TrySettle(packetId, isAcknowledged, nowMs)
                || (_stored != null && _stored.TrySettle(packetId, isAcknowledged, nowMs));

            // Else it is one that was dropped while it was in flight.
            if (!isSettled && !Answers.TrySettleDropped(nowMs) && !_telemetry.TrySettleDropped(nowMs) && _stored != null)
            {
                _stored.TrySettleDropped(nowMs);
            }
        }

        /// <summary>True if messages are in flight and none of them was settled for too long.</summary>
        internal bool IsOverdue(long nowMs)
        {
            return Answers.IsOverdue(nowMs) || _telemetry.IsOverdue(nowMs) || (_stored != null && _stored.IsOverdue(nowMs));
        }

        /// <summary>The connection has ended: what was not acknowledged was not sent.</summary>
        internal void ForgetInFlight()
        {
            Answers.ForgetInFlight();
            _telemetry.ForgetInFlight();
            _stored?.ForgetInFlight();
        }

        /// <summary>The device is about to stop.</summary>
        internal void Close(long nowMs)
        {
            _stored?.Close(nowMs);
        }
    }
}
