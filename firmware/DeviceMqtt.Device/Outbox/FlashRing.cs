using System;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Batches of messages in a file of fixed size, oldest first.
    /// <list type="bullet">
    /// <item>The file is slots of <see cref="DeviceLimits.FlashSlotBytes"/>; a frame takes as many as it needs, one behind the other, and does not wrap.</item>
    /// <item>What a new frame is written over is dropped and counted before it is written.</item>
    /// <item>A frame that is torn or rotten is not taken for one; those beside it are not touched.</item>
    /// <item>What was delivered is marked when the ring is empty, and in every frame that is written: after a restart in between, messages come
    /// twice, and none is missing.</item>
    /// </list>
    /// The first slot of the file is not part of the ring, it holds the mark; firmware/docs/outbox.md draws it.
    /// </summary>
    internal sealed class FlashRing
    {
        private const int MarkBytes = 12;
        private const int MarkCrcOffset = 8;
        private const byte MarkMagic0 = (byte)'D';
        private const byte MarkMagic1 = (byte)'M';

        private readonly IRingFile _file;
        private readonly int _slots;
        private readonly uint[] _sequences;
        private readonly byte[] _counts;
        private readonly byte[] _mark = new byte[MarkBytes];
        private readonly Crc32 _crc = new Crc32();
        private int _frames;
        private uint _next = 1;

        // The frame that was taken out and not released: still in the file. 0 for none.
        private uint _taken;

        // Nothing before this is to be sent again: as the mark says, and as the frames say.
        private uint _marked = 1;
        private uint _first = 1;

        /// <param name="file">At least <see cref="DeviceLimits.FlashFileBytesMin"/>.</param>
        internal FlashRing(IRingFile file)
        {
            if (file.Bytes < DeviceLimits.FlashFileBytesMin)
            {
                throw new ArgumentException("size", nameof(file));
            }

            _file = file;
            _slots = (file.Bytes / DeviceLimits.FlashSlotBytes) - 1;
            _sequences = new uint[_slots];
            _counts = new byte[_slots];
        }

        /// <summary>Messages in the ring, without those of the frame that was taken out.</summary>
        internal int Count { get; private set; }

        /// <summary>Messages that were written over, or could not be read back.</summary>
        internal int Dropped { get; private set; }

        /// <summary>Finds what the boots before left. False if the flash could not be read; what could is there.</summary>
        internal bool Open(FlashFrame frame)
        {
            bool isSound = ReadMark();
            _first = _marked;
            for (int slot = 0; slot < _slots;)
            {
                int loaded = SlotsToRead(slot);
                if (!_file.TryRead(OffsetOf(slot), frame.Buffer, loaded * DeviceLimits.FlashSlotBytes))
                {
                    isSound = false;
                    slot += loaded;
                    continue;
                }

                slot += Look(frame, slot, loaded);
            }

            // A lap is as long as the ring: what is older than that was written over in part, even where its first slot is whole.
            while (_frames > 0 && (_sequences[0] < _first || _sequences[0] + (uint)_slots < _next))
            {
                Forget();
            }

            return isSound;
        }

        /// <summary>Writes a frame behind the others. False if the flash fails; then nothing of it is in the ring.</summary>
        internal bool TryWrite(FlashFrame frame)
        {
            int slots = SlotsOf(frame.Length);
            uint sequence = _next;
            int slot = (int)(sequence % (uint)_slots);
            if (slot + slots > _slots)
            {
                sequence += (uint)(_slots - slot);
                slot = 0;
            }

            while (_frames > 0 && _sequences[0] + (uint)_slots < sequence + (uint)slots)
            {
                Dropped += _counts[0];
                Forget();
            }

            frame.End(sequence, Oldest(sequence));
            if (!_file.TryWrite(OffsetOf(slot), frame.Buffer, frame.Length))
            {
                return false;
            }

            Keep(sequence, frame.Count);
            _next = sequence + (uint)slots;
            return true;
        }

        /// <summary>
        /// Takes out the oldest frame that can be read; it stays in the file until it is released. What cannot be read is dropped and counted.
        /// False if there is none.
        /// </summary>
        internal bool TryTake(FlashFrame frame)
        {
            while (_frames > 0)
            {
                uint sequence = _sequences[0];
                int count = _counts[0];
                Forget();
                int slot = (int)(sequence % (uint)_slots);
                if (_file.TryRead(OffsetOf(slot), frame.Buffer, SlotsToRead(slot) * DeviceLimits.FlashSlotBytes)
                    && frame.TryOpen(0)
                    && frame.Sequence == sequence)
                {
                    _taken = sequence;
                    return true;
                }

                Dropped += count;
            }

            return false;
        }

        /// <summary>The frame that was taken out was delivered.</summary>
        internal void Release()
        {
            _taken = 0;
        }

        /// <summary>Makes sure that a restart does not send again what was delivered. Writes only if something was.</summary>
        internal bool TryMark()
        {
            uint first = Oldest(_next);
            if (first == _marked)
            {
                return true;
            }

            _mark[0] = MarkMagic0;
            _mark[1] = MarkMagic1;
            _mark[2] = 1;
            _mark[3] = 0;
            Put(4, first);
            Put(MarkCrcOffset, _crc.Of(_mark, 0, MarkCrcOffset));
            if (!_file.TryWrite(0, _mark, MarkBytes))
            {
                return false;
            }

            _marked = first;
            return true;
        }

        private static int SlotsOf(int bytes)
        {
            return (bytes + DeviceLimits.FlashSlotBytes - 1) / DeviceLimits.FlashSlotBytes;
        }

        private static int OffsetOf(int slot)
        {
            return (slot + 1) * DeviceLimits.FlashSlotBytes;
        }

        private uint Oldest(uint ifEmpty)
        {
            return _taken != 0 ? _taken : _frames > 0 ? _sequences[0] : ifEmpty;
        }

        private int SlotsToRead(int slot)
        {
            int left = _slots - slot;
            return left < DeviceLimits.FlashFrameSlotsMax ? left : DeviceLimits.FlashFrameSlotsMax;
        }

        /// <summary>Looks for frames in the slots that were read. How many of them are done with.</summary>
        private int Look(FlashFrame frame, int firstSlot, int loaded)
        {
            int at = 0;
            while (at < loaded)
            {
                int slots = SlotsOf(frame.LengthAt(at * DeviceLimits.FlashSlotBytes));
                if (slots > loaded - at && at > 0)
                {
                    // Not all of it was read: from here again.
                    return at;
                }

                bool isFrame = slots > 0 && frame.TryOpen(at * DeviceLimits.FlashSlotBytes)
                    && frame.Sequence % (uint)_slots == (uint)(firstSlot + at);
                if (isFrame)
                {
                    Keep(frame.Sequence, frame.Count);
                    _first = frame.First > _first ? frame.First : _first;
                    uint next = frame.Sequence + (uint)slots;
                    _next = next > _next ? next : _next;
                }

                at += isFrame ? slots : 1;
            }

            return at;
        }

        private bool ReadMark()
        {
            if (!_file.TryRead(0, _mark, MarkBytes))
            {
                return false;
            }

            if (_mark[0] == MarkMagic0 && _mark[1] == MarkMagic1 && Get(MarkCrcOffset) == _crc.Of(_mark, 0, MarkCrcOffset))
            {
                _marked = Get(4);
                _next = _marked > _next ? _marked : _next;
            }

            return true;
        }

        // In order of their sequence, whatever the order they are found in.
        private void Keep(uint sequence, int count)
        {
            int at = _frames;
            while (at > 0 && _sequences[at - 1] > sequence)
            {
                _sequences[at] = _sequences[at - 1];
                _counts[at] = _counts[at - 1];
                at--;
            }

            _sequences[at] = sequence;
            _counts[at] = (byte)count;
            _frames++;
            Count += count;
        }

        private void Forget()
        {
            Count -= _counts[0];
            _frames--;
            Array.Copy(_sequences, 1, _sequences, 0, _frames);
            Array.Copy(_counts, 1, _counts, 0, _frames);
        }

        private void Put(int at, uint value)
        {
            for (int i = 0; i < 4; i++)
            {
                _mark[at + i] = (byte)(value >> (8 * i));
            }
        }

        private uint Get(int at)
        {
            return (uint)(_mark[at] | (_mark[at + 1] << 8) | (_mark[at + 2] << 16) | (_mark[at + 3] << 24));
        }
    }
}
