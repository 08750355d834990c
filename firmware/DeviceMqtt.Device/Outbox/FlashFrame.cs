using System;
using System.Text;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// One batch of messages as it lies in the ring file, in a buffer that is used again and again. Numbers have their low byte first.
    /// <code>
    ///  0  CRC-32      4 bytes: of everything behind it
    ///  4  'D' 'F' 1   format
    ///  7  messages    1 to 255
    ///  8  sequence    4 bytes: number of the frame's first slot since the file was new; slot = sequence modulo slots
    /// 12  first       4 bytes: sequence of the oldest frame that was not delivered when this was written
    /// 16  length      2 bytes: of the messages
    /// 18  0 0
    /// 20  messages, one behind the other: topic length (1 byte, 0 for the topic of the message before), payload length (2), topic, payload
    /// </code>
    /// firmware/docs/outbox.md mirrors this.
    /// </summary>
    internal sealed class FlashFrame
    {
        /// <summary>Bytes in front of the messages.</summary>
        internal const int HeaderBytes = 20;

        private const int CrcBytes = 4;
        private const int CountOffset = 7;
        private const int SequenceOffset = 8;
        private const int FirstOffset = 12;
        private const int LengthOffset = 16;
        private const int MessageHeaderBytes = 3;
        private const byte Magic0 = (byte)'D';
        private const byte Magic1 = (byte)'F';
        private const byte Format = 1;

        private readonly Crc32 _crc = new Crc32();
        private int _start;
        private int _end;
        private string _topic = "";

        /// <summary>The bytes; a frame that is written begins at the first.</summary>
        internal byte[] Buffer { get; } = new byte[DeviceLimits.FlashFrameBytesMax];

        /// <summary>Messages in it.</summary>
        internal int Count { get; private set; }

        /// <summary>Bytes it takes in the file.</summary>
        internal int Length => _end - _start;

        /// <summary>Sequence of the frame that was opened.</summary>
        internal uint Sequence => GetUInt32(_start + SequenceOffset);

        /// <summary>Oldest frame that was not delivered when the opened frame was written.</summary>
        internal uint First => GetUInt32(_start + FirstOffset);

        /// <summary>Begins a frame to be written.</summary>
        internal void Begin()
        {
            _start = 0;
            _end = HeaderBytes;
            _topic = "";
            Count = 0;
        }

        /// <summary>Adds a message behind the others. False if there is no room.</summary>
        internal bool TryAdd(Outbox source, int index)
        {
            string topic = source.TopicAt(index);
            byte[] name = topic == _topic ? Nothing.Bytes : Encoding.UTF8.GetBytes(topic);
            int payload = source.LengthAt(index);
            if (Count == byte.MaxValue || name.Length > byte.MaxValue || MessageHeaderBytes + name.Length + payload > Buffer.Length - _end)
            {
                return false;
            }

            Buffer[_end] = (byte)name.Length;
            PutUInt16(_end + 1, payload);
            Array.Copy(name, 0, Buffer, _end + MessageHeaderBytes, name.Length);
            source.CopyAt(index, Buffer, _end + MessageHeaderBytes + name.Length);
            _end += MessageHeaderBytes + name.Length + payload;
            _topic = topic;
            Count++;
            return true;
        }

        /// <summary>Closes the frame: it can be written.</summary>
        internal void End(uint sequence, uint first)
        {
            Buffer[CrcBytes] = Magic0;
            Buffer[CrcBytes + 1] = Magic1;
            Buffer[CrcBytes + 2] = Format;
            Buffer[CountOffset] = (byte)Count;
            PutUInt32(SequenceOffset, sequence);
            PutUInt32(FirstOffset, first);
            PutUInt16(LengthOffset, _end - HeaderBytes);
            PutUInt16(LengthOffset + 2, 0);
            PutUInt32(0, _crc.Of(Buffer, CrcBytes, _end - CrcBytes));
        }

        /// <summary>Bytes of the frame that may begin there, by its header alone; 0 if none does.</summary>
        internal int LengthAt(int start)
        {
            int magic = start + CrcBytes;
            if (Buffer[magic] != Magic0 || Buffer[magic + 1] != Magic1 || Buffer[magic + 2] != Format || Buffer[start + CountOffset] == 0)
            {
                return 0;
            }

            int length = HeaderBytes + GetUInt16(start + LengthOffset);
            return length > Buffer.Length ? 0 : length;
        }

        /// <summary>Opens the frame that begins there and is all in the buffer. False if it is torn, or not what was written.</summary>
        internal bool TryOpen(int start)
        {
            int length = LengthAt(start);
            if (length == 0 || length > Buffer.Length - start || GetUInt32(start) != _crc.Of(Buffer, start + CrcBytes, length - CrcBytes))
            {
                return false;
            }

            _start = start;
            _end = start + length;
            Count = Buffer[start + CountOffset];
            return true;
        }

        /// <summary>Puts the messages of the opened frame into an outbox. How many of them were put there.</summary>
        internal int Unpack(Outbox target)
        {
            int at = _start + HeaderBytes;
            int done = 0;
            string topic = "";
            while (done < Count && at <= _end - MessageHeaderBytes)
            {
                int name = Buffer[at];
                int payload = GetUInt16(at + 1);
                at += MessageHeaderBytes;
                // The checksum was right: this is only what keeps a wrong writer from reading past the end.
                if (name + payload > _end - at || payload > DeviceLimits.TelemetryBytesMax)
                {
                    return done;
                }

                topic = name == 0 ? topic : Encoding.UTF8.GetString(Buffer, at, name);
                target.TryAdd(topic, Buffer, at + name, payload, true);
                at += name + payload;
                done++;
            }

            return done;
        }

        private void PutUInt16(int at, int value)
        {
            Buffer[at] = (byte)value;
            Buffer[at + 1] = (byte)(value >> 8);
        }

        private void PutUInt32(int at, uint value)
        {
            PutUInt16(at, (int)(value & 0xFFFF));
            PutUInt16(at + 2, (int)(value >> 16));
        }

        private int GetUInt16(int at)
        {
            return Buffer[at] | (Buffer[at + 1] << 8);
        }

        private uint GetUInt32(int at)
        {
            return (uint)GetUInt16(at) | ((uint)GetUInt16(at + 2) << 16);
        }
    }
}
