namespace DeviceMqtt.Device
{
    /// <summary>
    /// Messages of QoS 1 that survive a restart: they wait in memory for a while, then in a ring file.
    /// <list type="bullet">
    /// <item>Oldest first: what was taken out of the file, the file, what waits in memory. The next is sent when the one before is empty.</item>
    /// <item>While the gateway acknowledges, nothing is written. Away, memory goes to the file when it is full, after
    /// <see cref="DeviceLimits.FlashWaitMs"/>, and before the device stops: always as one batch.</item>
    /// <item>A batch leaves the file when all of it is acknowledged.</item>
    /// <item>Flash that fails makes this an outbox in memory, whose oldest messages are dropped and counted; it is tried again.</item>
    /// </list>
    /// </summary>
    internal sealed class StoredOutbox
    {
        private readonly FlashFrame _frame = new FlashFrame();
        private readonly FlashRing _ring;
        private readonly Outbox _loaded;
        private readonly Outbox _fresh;
        private readonly IDeviceLog _log;
        private int _unpackedBadly;
        private int _saidDropped;
        private long _sinceMs;
        private long _retryMs;
        private bool _hasFailed;

        internal StoredOutbox(IRingFile file, IDeviceLog log)
        {
            _ring = new FlashRing(file);
            _log = log;
            _loaded = new Outbox(DeviceLimits.FlashBatchBytes, DeviceLimits.FlashBatchMessagesMax, DeviceLimits.StreamsMax, true, log);
            _fresh = new Outbox(DeviceLimits.FlashBatchBytes, DeviceLimits.FlashBatchMessagesMax, DeviceLimits.StreamsMax, true, log);
            if (!_ring.Open(_frame))
            {
                _log.Write(DeviceNote.FlashFailed, "read", 0);
            }

            if (_ring.Count > 0)
            {
                _log.Write(DeviceNote.OutboxFound, "flash", _ring.Count);
            }
        }

        /// <summary>Messages that are not acknowledged yet.</summary>
        internal int Count => _loaded.Count + _ring.Count + _fresh.Count;

        /// <summary>Messages dropped since boot.</summary>
        internal int Dropped => _fresh.Dropped + _loaded.Dropped + _ring.Dropped + _unpackedBadly;

        private bool HasStored => _loaded.Count > 0 || _ring.Count > 0;

        /// <summary>Adds a message behind all others. False if it is longer than any that a device sends.</summary>
        internal bool TryAdd(string topic, byte[] payload, int length, bool isOffline, long nowMs)
        {
            if (!_fresh.HasRoom(length))
            {
                Store(nowMs);
            }

            _sinceMs = _fresh.Count == 0 ? nowMs : _sinceMs;
            return _fresh.TryAdd(topic, payload, 0, length, isOffline || HasStored);
        }

        /// <summary>To be called at each tick: writes what has waited in memory for too long.</summary>
        internal void Tick(bool isUp, long nowMs)
        {
            if (!isUp && _fresh.Count > 0 && nowMs - _sinceMs >= DeviceLimits.FlashWaitMs)
            {
                Store(nowMs);
            }
        }

        /// <summary>The device is about to stop: what waits in memory goes to flash, and what was delivered is marked.</summary>
        internal void Close(long nowMs)
        {
            _retryMs = nowMs;
            Store(nowMs);
            Mark();
        }

        /// <summary>Sends what may be sent now.</summary>
        internal void Flush(MqttLink link, long nowMs)
        {
            if (_loaded.Count == 0 && _ring.Count > 0)
            {
                Load();
            }

            if (_loaded.Count > 0)
            {
                _loaded.Flush(link, nowMs);
            }
            else
            {
                _fresh.Flush(link, nowMs);
            }
        }

        /// <summary>Takes note of what became of a message. False if it is none of this outbox.</summary>
        internal bool TrySettle(ushort packetId, bool isAcknowledged, long nowMs)
        {
            if (_fresh.TrySettle(packetId, isAcknowledged, nowMs))
            {
                return true;
            }

            if (!_loaded.TrySettle(packetId, isAcknowledged, nowMs))
            {
                return false;
            }

            if (_loaded.Count == 0)
            {
                Release();
            }

            return true;
        }

        /// <summary>A message was settled that nobody has any more. False if none was dropped or stored while it was in flight.</summary>
        internal bool TrySettleDropped(long nowMs)
        {
            return _loaded.TrySettleDropped(nowMs) || _fresh.TrySettleDropped(nowMs);
        }

        /// <summary>True if messages are in flight and none of them was settled for too long.</summary>
        internal bool IsOverdue(long nowMs)
        {
            return _loaded.IsOverdue(nowMs) || _fresh.IsOverdue(nowMs);
        }

        /// <summary>The connection has ended: what was not acknowledged was not sent.</summary>
        internal void ForgetInFlight()
        {
            _loaded.ForgetInFlight();
            _fresh.ForgetInFlight();
        }

        private void Load()
        {
            if (_ring.TryTake(_frame))
            {
                _unpackedBadly += _frame.Count - _frame.Unpack(_loaded);
                if (_loaded.Count == 0)
                {
                    Release();
                }
            }

            SayDropped();
        }

        private void Release()
        {
            _ring.Release();
            if (_ring.Count == 0)
            {
                Mark();
            }
        }

        /// <summary>Writes what waits in memory. It stays there if the flash fails.</summary>
        private void Store(long nowMs)
        {
            if (_hasFailed && nowMs < _retryMs)
            {
                return;
            }

            while (_fresh.Count > 0)
            {
                int taken = Fill();
                if (!_ring.TryWrite(_frame))
                {
                    _hasFailed = true;
                    _retryMs = nowMs + DeviceLimits.FlashRetryMs;
                    _log.Write(DeviceNote.FlashFailed, "write", _fresh.Count);
                    SayDropped();
                    return;
                }

                _hasFailed = false;
                _log.Write(DeviceNote.OutboxStored, "flash", _frame.Count);
                _fresh.Remove(taken);
                SayDropped();
            }
        }

        /// <summary>Fills the frame from the oldest on. How many messages of memory are done with it.</summary>
        private int Fill()
        {
            _frame.Begin();
            int taken = 0;
            while (taken < _fresh.Count && (!_fresh.IsWaiting(taken) || _frame.TryAdd(_fresh, taken)))
            {
                taken++;
            }

            return taken;
        }

        private void Mark()
        {
            if (!_ring.TryMark())
            {
                _log.Write(DeviceNote.FlashFailed, "mark", 0);
            }
        }

        private void SayDropped()
        {
            int dropped = _ring.Dropped + _unpackedBadly;
            if (dropped != _saidDropped)
            {
                _saidDropped = dropped;
                _log.Write(DeviceNote.OutboxDropped, "flash", Dropped);
            }
        }
    }
}
