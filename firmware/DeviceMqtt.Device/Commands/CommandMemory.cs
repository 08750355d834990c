using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// The last <see cref="WireLimits.CommandIdsRemembered"/> commands that acted or configured, so that one that comes twice (QoS 1, or a sender that tries
    /// again) is carried out once; and the last <see cref="DeviceLimits.QueriesRemembered"/> that only asked, in slots of their own: a flood of them
    /// is not to push out what acts.
    /// <list type="bullet">
    /// <item>A command is its sender and its id (key), and what it says (content); both as hashes.</item>
    /// <item>It is remembered before it is carried out, and its answer behind that.</item>
    /// <item>What acts or configures also stands in a file, if there is one: before it is carried out.</item>
    /// </list>
    /// </summary>
    internal sealed class CommandMemory
    {
        /// <summary>No such command.</summary>
        internal const int None = -1;

        /// <summary>Free, or begun and never answered, or the status of the answer.</summary>
        internal const byte Free = 0;
        internal const byte Begun = 1;
        internal const byte Done = 2;
        internal const byte Failed = 3;

        /// <summary>Done, with a result that was too long to be kept.</summary>
        internal const byte DoneAtLength = 4;

        // First what acts or configures, as many as the file has entries; behind them what asks.
        private const int Acts = WireLimits.CommandIdsRemembered;
        private const int Slots = Acts + DeviceLimits.QueriesRemembered;
        private const int ResultBytes = DeviceLimits.ResultKeptBytesMax;

        private readonly long[] _keys = new long[Slots];
        private readonly long[] _contents = new long[Slots];
        private readonly byte[] _states = new byte[Slots];
        private readonly ushort[] _codes = new ushort[Slots];
        private readonly byte[] _lengths = new byte[Slots];
        private readonly byte[] _results = new byte[Slots * ResultBytes];
        private readonly CommandFile? _file;
        private readonly IDeviceLog _log;
        private int _next;
        private int _nextQuery = Acts;

        // What is to be written behind the command that was begun last; only that one's answer can be missing in the file.
        private bool _isInFile;
        private long _finishedMs;

        internal CommandMemory(IRingFile? file, IDeviceLog log)
        {
            _log = log;
            _file = file == null ? null : new CommandFile(file);
            if (_file != null && !_file.Load(this))
            {
                _log.Write(DeviceNote.FlashFailed, "commands", 0);
            }
        }

        /// <summary>Where the command is kept, or <see cref="None"/>.</summary>
        internal int Find(long key)
        {
            for (int i = 0; i < Slots; i++)
            {
                if (_states[i] != Free && _keys[i] == key)
                {
                    return i;
                }
            }

            return None;
        }

        internal bool IsSame(int slot, long content)
        {
            return _contents[slot] == content;
        }

        internal byte StateAt(int slot)
        {
            return _states[slot];
        }

        internal int CodeAt(int slot)
        {
            return _codes[slot];
        }

        /// <summary>Bytes of the result; 0 for none.</summary>
        internal int ResultLengthAt(int slot)
        {
            return _lengths[slot];
        }

        /// <summary>Adds the result as <c>res</c>.</summary>
        internal void AddResult(int slot, FlatJsonWriter answer)
        {
            answer.AddJson(CommandField.Result, _results, slot * ResultBytes, _lengths[slot]);
        }

        /// <summary>The command is about to be carried out. Takes the place of the oldest of its kind.</summary>
        /// <param name="key">Sender and id.</param>
        /// <param name="content">What it says.</param>
        /// <param name="isDurable">Whether it acts or configures.</param>
        internal int Begin(long key, long content, bool isDurable)
        {
            int slot = isDurable ? _next : _nextQuery;
            if (isDurable)
            {
                _next = (_next + 1) % Acts;
            }
            else
            {
                _nextQuery = _nextQuery + 1 < Slots ? _nextQuery + 1 : Acts;
            }

            Restore(slot, key, content, Begun, 0, Nothing.Bytes, 0, 0);
            _isInFile = false;
            if (isDurable && _file != null)
            {
                _isInFile = _file.TryBegin(key, content);
                if (!_isInFile)
                {
                    // The board does what it is told all the same: only a restart would forget it.
                    _log.Write(DeviceNote.FlashFailed, "commands", 1);
                }
            }

            return slot;
        }

        /// <summary>The command was carried out, or failed. A result that is too long is not kept.</summary>
        internal void Finish(int slot, byte state, int code, byte[] result, int offset, int length, long nowMs)
        {
            byte kept = state == Done && length > ResultBytes ? DoneAtLength : state;
            int bytes = kept == Done ? length : 0;
            Restore(slot, _keys[slot], _contents[slot], kept, code, result, offset, bytes);
            if (_isInFile && _file != null)
            {
                _file.Finish(kept, code, result, offset, bytes);
                _finishedMs = nowMs;
            }
        }

        /// <summary>To be called at each tick: the last answer goes to the file when no other command has come for a while.</summary>
        internal void Tick(long nowMs)
        {
            if (_file != null && _file.HasAnswer && nowMs - _finishedMs >= DeviceLimits.AnswerToFileMs)
            {
                Flush();
            }
        }

        /// <summary>The last answer goes to the file now.</summary>
        internal void Flush()
        {
            if (_file != null && !_file.TryFlush())
            {
                _log.Write(DeviceNote.FlashFailed, "commands", 0);
            }
        }

        /// <summary>Sets what is in a slot.</summary>
        internal void Restore(int slot, long key, long content, byte state, int code, byte[] result, int offset, int length)
        {
            _keys[slot] = key;
            _contents[slot] = content;
            _states[slot] = state;
            _codes[slot] = (ushort)code;
            _lengths[slot] = (byte)length;
            Array.Copy(result, offset, _results, slot * ResultBytes, length);
        }

        /// <summary>The slot that is the oldest.</summary>
        internal void StartAt(int slot)
        {
            _next = slot;
        }
    }
}
