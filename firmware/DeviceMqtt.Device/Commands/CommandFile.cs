using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// The last commands that acted or configured, in a file of fixed size. Numbers have their low byte first; command n stands in entry n modulo 32.
    /// <code>
    /// entry   0 begun   32 bytes: 0 CRC-32 of the rest   4 'D' 'C' 1 0   8 n (4 bytes)   12 key (8)   20 content (8)   28 0
    ///        32 answer  56 bytes: 0 CRC-32 of the rest   4 'D' 'A' 1 state   8 n (4)   12 code (2)   14 length (2)   16 result (40)
    /// </code>
    /// A command's begin is written before it is carried out, in one write with the answer of the one before, which lies in front of it. So a write
    /// that is torn takes only what is a whole lap old with it. firmware/docs/outbox.md mirrors this.
    /// </summary>
    internal sealed class CommandFile
    {
        private const int BegunBytes = 32;
        private const int AnswerBytes = 16 + DeviceLimits.ResultKeptBytesMax;
        private const int EntryBytes = BegunBytes + AnswerBytes;
        private const int Entries = WireLimits.CommandIdsRemembered;
        private const int CrcBytes = 4;
        private const int SequenceOffset = 8;
        private const int KeyOffset = 12;
        private const int ContentOffset = 20;
        private const int CodeOffset = 12;
        private const int LengthOffset = 14;
        private const int ResultOffset = 16;

        /// <summary>Bytes of the file.</summary>
        internal const int FileBytes = Entries * EntryBytes;

        private readonly IRingFile _file;

        // The answer of the last command, and behind it the begin of the next: as they lie in the file.
        private readonly byte[] _buffer = new byte[EntryBytes];
        private readonly Crc32 _crc = new Crc32();
        private uint _next = 1;

        /// <param name="file">At least <see cref="FileBytes"/>.</param>
        internal CommandFile(IRingFile file)
        {
            if (file.Bytes < FileBytes)
            {
                throw new ArgumentException("size", nameof(file));
            }

            _file = file;
        }

        /// <summary>True if the answer of the last command is not in the file yet.</summary>
        internal bool HasAnswer { get; private set; }

        /// <summary>Finds what the boots before left. False if the flash could not be read; what could is there.</summary>
        internal bool Load(CommandMemory memory)
        {
            bool isSound = true;
            for (int i = 0; i < Entries; i++)
            {
                if (!_file.TryRead(i * EntryBytes, _buffer, EntryBytes))
                {
                    isSound = false;
                }
                else if (IsWhole(0, BegunBytes, (byte)'C') && Get(SequenceOffset, 4) % Entries == i)
                {
                    Take(memory, i);
                }
            }

            memory.StartAt((int)(_next % Entries));
            return isSound;
        }

        /// <summary>Writes that a command is about to be carried out, and the answer of the one before. False if the flash fails.</summary>
        internal bool TryBegin(long key, long content)
        {
            int begun = AnswerBytes;
            Put(begun + CrcBytes, (byte)'D' | ((byte)'C' << 8) | (1 << 16), 4);
            Put(begun + SequenceOffset, _next, 4);
            Put(begun + KeyOffset, key, 8);
            Put(begun + ContentOffset, content, 8);
            Put(begun + ContentOffset + 8, 0, 4);
            Put(begun, _crc.Of(_buffer, begun + CrcBytes, BegunBytes - CrcBytes), 4);
            int entry = (int)(_next % Entries);
            // The entry before lies in front of this one, but for the first: then its answer is at the end of the file.
            bool isDone = HasAnswer && entry > 0
                ? _file.TryWrite((entry * EntryBytes) - AnswerBytes, _buffer, EntryBytes)
                : TryFlush() && TryWriteBegun(entry);
            HasAnswer = false;
            _next += isDone ? 1u : 0u;
            return isDone;
        }

        /// <summary>Takes the answer of the command that was begun last. It is written with the next, or by <see cref="TryFlush"/>.</summary>
        internal void Finish(byte state, int code, byte[] result, int offset, int length)
        {
            Put(CrcBytes, (byte)'D' | ((byte)'A' << 8) | (1 << 16) | ((long)state << 24), 4);
            Put(SequenceOffset, _next - 1, 4);
            Put(CodeOffset, code, 2);
            Put(LengthOffset, length, 2);
            Array.Copy(result, offset, _buffer, ResultOffset, length);
            for (int i = ResultOffset + length; i < AnswerBytes; i++)
            {
                _buffer[i] = 0;
            }

            Put(0, _crc.Of(_buffer, CrcBytes, AnswerBytes - CrcBytes), 4);
            HasAnswer = true;
        }

        /// <summary>Writes the answer of the last command, if that is missing. False if the flash fails.</summary>
        internal bool TryFlush()
        {
            bool isDone = !HasAnswer || _file.TryWrite(((int)((_next - 1) % Entries) * EntryBytes) + BegunBytes, _buffer, AnswerBytes);
            HasAnswer = false;
            return isDone;
        }

        private bool TryWriteBegun(int entry)
        {
            // Parts are written from the beginning of a buffer; whatever answer was there is in the file.
            Array.Copy(_buffer, AnswerBytes, _buffer, 0, BegunBytes);
            return _file.TryWrite(entry * EntryBytes, _buffer, BegunBytes);
        }

        private void Take(CommandMemory memory, int entry)
        {
            uint sequence = (uint)Get(SequenceOffset, 4);
            _next = sequence >= _next ? sequence + 1 : _next;
            int answer = BegunBytes;
            int length = (int)Get(answer + LengthOffset, 2);
            bool isAnswered = IsWhole(answer, AnswerBytes, (byte)'A')
                && (uint)Get(answer + SequenceOffset, 4) == sequence
                && length <= DeviceLimits.ResultKeptBytesMax;
            memory.Restore(
                entry,
                Get(KeyOffset, 8),
                Get(ContentOffset, 8),
                isAnswered ? _buffer[answer + CrcBytes + 3] : CommandMemory.Begun,
                isAnswered ? (int)Get(answer + CodeOffset, 2) : 0,
                _buffer,
                answer + ResultOffset,
                isAnswered ? length : 0);
        }

        private bool IsWhole(int at, int bytes, byte kind)
        {
            return _buffer[at + CrcBytes] == 'D' && _buffer[at + CrcBytes + 1] == kind && _buffer[at + CrcBytes + 2] == 1
                && (uint)Get(at, 4) == _crc.Of(_buffer, at + CrcBytes, bytes - CrcBytes);
        }

        private void Put(int at, long value, int bytes)
        {
            for (int i = 0; i < bytes; i++)
            {
                _buffer[at + i] = (byte)(value >> (8 * i));
            }
        }

        private long Get(int at, int bytes)
        {
            long value = 0;
            for (int i = bytes - 1; i >= 0; i--)
            {
                value = (value << 8) | _buffer[at + i];
            }

            return value;
        }
    }
}
