using System;
using System.Text;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Takes commands out of the inbox, carries each out once, and answers. In this order: what found no room, what cannot be read, what was done
    /// before, what is too late, what nobody knows; then the handler. Nothing is taken before there is room for its answer.
    /// </summary>
    internal sealed class CommandDispatcher
    {
        private readonly CommandEnvelope _envelope = new CommandEnvelope();
        private readonly CommandHash _hash = new CommandHash();
        private readonly CommandArguments _arguments;
        private readonly FlatJsonWriter _answer;
        private readonly CommandMemory _memory;
        private readonly ICommandHandler[] _handlers = new ICommandHandler[DeviceLimits.CommandHandlersMax];
        private readonly string _clientId;
        private readonly IClock _clock;
        private readonly Outbox _outbox;
        private readonly IDeviceLog _log;
        private byte[] _payload = Nothing.Bytes;
        private string _topic = "";
        private long _nowMs;

        /// <param name="clientId">Whose commands these are.</param>
        /// <param name="clock">Wall time, if known.</param>
        /// <param name="outbox">Where answers go.</param>
        /// <param name="memory">What was done before.</param>
        /// <param name="writer">For the answer; nobody else writes while a command is carried out.</param>
        /// <param name="log">Hears what happens.</param>
        internal CommandDispatcher(string clientId, IClock clock, Outbox outbox, CommandMemory memory, FlatJsonWriter writer, IDeviceLog log)
        {
            _clientId = clientId;
            _clock = clock;
            _outbox = outbox;
            _memory = memory;
            _answer = writer;
            _log = log;
            _arguments = new CommandArguments(_envelope);
        }

        /// <summary>How many handlers there are.</summary>
        internal int Count { get; private set; }

        internal void Add(ICommandHandler handler)
        {
            if (Count == _handlers.Length || Find(handler.Command) != null || handler.Command.Length > WireLimits.CommandNameCharsMax)
            {
                throw new ArgumentException(handler.Command, nameof(handler));
            }

            _handlers[Count] = handler;
            Count++;
        }

        internal ICommandHandler HandlerAt(int index)
        {
            return _handlers[index];
        }

        /// <summary>Carries out a few commands; the rest waits for the next tick.</summary>
        internal void Tick(Inbox inbox, long nowMs)
        {
            _nowMs = nowMs;
            inbox.Time(nowMs);
            _memory.Tick(nowMs);
            while (_outbox.HasRoom(DeviceLimits.BusyBytesMax) && inbox.TryTakeBusy(_answer, out _topic))
            {
                Send();
                _log.Write(DeviceNote.CommandRefused, CommandStatus.Busy, 0);
            }

            string topic;
            long arrivedMs;
            int budget = DeviceLimits.CommandsPerTickMax;
            while (budget > 0 && _outbox.HasRoom(WireLimits.CommandBytesMax) && inbox.TryTake(out topic, out _payload, out arrivedMs))
            {
                budget--;
                string parent;
                string target;
                if (P2PTopic.TryParse(topic, out parent, out target) && target == _clientId)
                {
                    Receive(parent, arrivedMs);
                }
                else
                {
                    // The library hands over whatever arrives. Only commands to this device are for it.
                    _log.Write(DeviceNote.MessageIgnored, topic, _payload.Length);
                }

                _payload = Nothing.Bytes;
                _arguments.Release();
            }
        }

        /// <summary>The device is about to stop.</summary>
        internal void Close()
        {
            _memory.Flush();
        }

        private void Receive(string parent, long arrivedMs)
        {
            bool valid = _envelope.TryRead(_payload, 0, _payload.Length);
            _topic = P2PTopic.Build(parent, _envelope.From);
            if (_envelope.From.Length == 0 || _topic.Length > WireLimits.TopicCharsMax)
            {
                _log.Write(DeviceNote.MessageIgnored, parent, _payload.Length);
                return;
            }

            if (!valid)
            {
                Refuse(CommandStatus.Error, _envelope.Fault);
                return;
            }

            long key = KeyOf();
            long content = ContentOf();
            int slot = _memory.Find(key);
            ICommandHandler? handler = Find(_envelope.Command);
            if (slot != CommandMemory.None)
            {
                Meet(slot, content);
            }
            else if (IsExpired(arrivedMs, handler))
            {
                Refuse(CommandStatus.Expired, CommandErrorCode.None);
            }
            else if (handler == null)
            {
                Refuse(CommandStatus.Error, CommandErrorCode.UnknownCommand);
            }
            else
            {
                Execute(handler, _memory.Begin(key, content, handler.CommandClass != CommandClass.Query));
            }
        }

        private long KeyOf()
        {
            _hash.Begin();
            _hash.Add(Encoding.UTF8.GetBytes(_envelope.From));
            _hash.Add(Encoding.UTF8.GetBytes(_envelope.Id));
            return _hash.Value;
        }

        private long ContentOf()
        {
            _hash.Begin();
            _hash.Add(Encoding.UTF8.GetBytes(_envelope.Command));
            _hash.AddJson(_payload, _envelope.ArgumentsOffset, _envelope.ArgumentsLength);
            return _hash.Value;
        }

        /// <summary>A command with a known id: the answer again, if it is the same command.</summary>
        private void Meet(int slot, long content)
        {
            if (!_memory.IsSame(slot, content))
            {
                Refuse(CommandStatus.Error, CommandErrorCode.IdReused);
                return;
            }

            byte state = _memory.StateAt(slot);
            string status = state == CommandMemory.Done ? CommandStatus.Ok : state == CommandMemory.Failed ? CommandStatus.Error : CommandStatus.Duplicate;
            Open(status, state == CommandMemory.Begun ? (int)CommandErrorCode.Interrupted : _memory.CodeAt(slot));
            if (_memory.ResultLengthAt(slot) > 0)
            {
                _memory.AddResult(slot, _answer);
            }

            _answer.End();
            Send();
            _log.Write(DeviceNote.CommandRepeated, _envelope.Command, 0);
        }

        /// <summary>
        /// Its own time, or that of its class if it names none that can be judged: without a clock <c>exp</c> is the gateway's to know, which looked at it
        /// before the command came here. Seconds count from its arrival: how long it was on its way is the gateway's to know, too.
        /// </summary>
        private bool IsExpired(long arrivedMs, ICommandHandler? handler)
        {
            long unixMs = 0;
            bool isJudged = _envelope.ExpirySeconds > 0 && _clock.TryGetUnixMs(out unixMs);
            if (isJudged && unixMs / 1000 > _envelope.ExpirySeconds)
            {
                return true;
            }

            long seconds = _envelope.TimeToLiveSeconds;
            if (seconds == 0)
            {
                seconds = isJudged ? 0 : CommandForm.TimeToLiveOf(handler == null ? CommandClass.Query : handler.CommandClass);
            }

            return seconds > 0 && (_nowMs - arrivedMs) / 1000 >= seconds;
        }

        private void Execute(ICommandHandler handler, int slot)
        {
            Open(CommandStatus.Ok, 0);
            int withoutResult = _answer.Length;
            _answer.BeginObject(CommandField.Result);
            int open = _answer.Length;
            int code;
            try
            {
                code = handler.Execute(_arguments, _answer);
            }
            catch (Exception)
            {
                // The edge of a handler: a defect in one must not stop the device. The sender learns of it by its number.
                code = (int)CommandErrorCode.HandlerFailed;
            }

            bool isEmpty = _answer.Length == open;
            _answer.EndObject();
            int length = _answer.Length - open + 1;
            if (code == 0 && !_answer.End())
            {
                code = (int)CommandErrorCode.ResultTooLong;
            }

            if (code != 0)
            {
                _memory.Finish(slot, CommandMemory.Failed, code, Nothing.Bytes, 0, 0, _nowMs);
                Open(CommandStatus.Error, code);
                _answer.End();
            }
            else if (isEmpty)
            {
                _memory.Finish(slot, CommandMemory.Done, 0, Nothing.Bytes, 0, 0, _nowMs);
                _answer.CutTo(withoutResult);
                _answer.End();
            }
            else
            {
                _memory.Finish(slot, CommandMemory.Done, 0, _answer.Buffer, open - 1, length, _nowMs);
            }

            Send();
            _log.Write(DeviceNote.CommandDone, _envelope.Command, code);
        }

        /// <summary>Answers without carrying out. Not remembered: the same id may come again and be carried out then.</summary>
        private void Refuse(string status, CommandErrorCode code)
        {
            Open(status, (int)code);
            _answer.End();
            Send();
            _log.Write(DeviceNote.CommandRefused, status, (int)code);
        }

        private void Open(string status, int code)
        {
            CommandAnswer.Begin(_answer, _payload, _envelope.IdOffset, _envelope.IdLength, status, code);
        }

        private void Send()
        {
            _outbox.TryAdd(_topic, _answer.Buffer, 0, _answer.Length, false);
        }

        private ICommandHandler? Find(string command)
        {
            for (int i = 0; i < Count; i++)
            {
                if (_handlers[i].Command == command)
                {
                    return _handlers[i];
                }
            }

            return null;
        }
    }
}
