using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Takes commands out of the inbox, carries each out once, and answers. In this order: what cannot be read, what was done before, what is
    /// too much, what is too late, what nobody knows; then the handler.
    /// </summary>
    internal sealed class CommandDispatcher
    {
        private readonly CommandEnvelope _envelope = new CommandEnvelope();
        private readonly FlatJsonReader _arguments = new FlatJsonReader();
        private readonly FlatJsonWriter _result = new FlatJsonWriter(WireLimits.CommandBytesMax);
        private readonly FlatJsonWriter _answer = new FlatJsonWriter(WireLimits.CommandBytesMax);
        private readonly byte[] _kept = new byte[DeviceLimits.AnswerKeptBytesMax];
        private readonly AnswerMemory _memory = new AnswerMemory();
        private readonly ICommandHandler[] _handlers = new ICommandHandler[DeviceLimits.CommandHandlersMax];
        private readonly string _clientId;
        private readonly IClock _clock;
        private readonly Outbox _outbox;
        private readonly IDeviceLog _log;

        internal CommandDispatcher(string clientId, IClock clock, Outbox outbox, IDeviceLog log)
        {
            _clientId = clientId;
            _clock = clock;
            _outbox = outbox;
            _log = log;
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

        internal string CommandAt(int index)
        {
            return _handlers[index].Command;
        }

        /// <summary>Carries out a few commands; the rest waits for the next tick.</summary>
        internal void Tick(Inbox inbox)
        {
            string topic;
            byte[] payload;
            bool isSurplus;
            int budget = DeviceLimits.CommandsPerTickMax;
            while (budget > 0 && inbox.TryTake(out topic, out payload, out isSurplus))
            {
                string parent;
                string target;
                if (!P2PTopic.TryParse(topic, out parent, out target) || target != _clientId)
                {
                    // The library hands over whatever arrives. Only commands to this device are for it.
                    _log.Write(DeviceNote.MessageIgnored, topic, payload.Length);
                    continue;
                }

                Receive(parent, payload, isSurplus);
                _envelope.Release();
                _envelope.StartArguments(_arguments);
                budget -= isSurplus ? 0 : 1;
            }
        }

        private void Receive(string parent, byte[] payload, bool isSurplus)
        {
            bool valid = _envelope.TryRead(payload, 0, payload.Length);
            string topic = P2PTopic.Build(parent, _envelope.From);
            if (_envelope.Id.Length == 0 || _envelope.From.Length == 0 || topic.Length > WireLimits.TopicCharsMax)
            {
                _log.Write(DeviceNote.MessageIgnored, parent, payload.Length);
                return;
            }

            int length;
            if (!valid)
            {
                Refuse(topic, CommandStatus.Error, CommandErrorCode.BadEnvelope);
            }
            else if (_memory.TryGet(_envelope.Id, _envelope.From, _kept, out length))
            {
                Repeat(topic, length);
            }
            else if (isSurplus)
            {
                Refuse(topic, CommandStatus.Busy, CommandErrorCode.None);
            }
            else if (IsExpired())
            {
                Refuse(topic, CommandStatus.Expired, CommandErrorCode.None);
            }
            else
            {
                Execute(topic);
            }
        }

        private bool IsExpired()
        {
            // Without a clock the gateway's word has to do: it delivers nothing that has expired.
            long unixMs;
            return _envelope.ExpirySeconds > 0 && _clock.TryGetUnixMs(out unixMs) && unixMs / 1000 > _envelope.ExpirySeconds;
        }

        private void Execute(string topic)
        {
            ICommandHandler? handler = Find(_envelope.Command);
            if (handler == null)
            {
                Refuse(topic, CommandStatus.Error, CommandErrorCode.UnknownCommand);
                return;
            }

            _result.Begin();
            _envelope.StartArguments(_arguments);
            int code;
            try
            {
                code = handler.Execute(_arguments, _result);
            }
            catch (Exception)
            {
                // The edge of a handler: a defect in one must not stop the device. The sender learns of it by its number.
                code = (int)CommandErrorCode.HandlerFailed;
            }

            CommandAnswer.Begin(_answer, _envelope.Id, code == 0 ? CommandStatus.Ok : CommandStatus.Error, code);
            if (code == 0 && _result.End() && _result.Length > 2)
            {
                _answer.AddJson(CommandField.Result, _result.Buffer, 0, _result.Length);
            }

            if (!_answer.End() || (code == 0 && _result.Overflowed))
            {
                code = (int)CommandErrorCode.ResultTooLong;
                CommandAnswer.Begin(_answer, _envelope.Id, CommandStatus.Error, code);
                _answer.End();
            }

            _memory.Put(_envelope.Id, _envelope.From, _answer.Buffer, _answer.Length);
            _outbox.TryAdd(topic, _answer.Buffer, _answer.Length, false);
            _log.Write(DeviceNote.CommandDone, _envelope.Command, code);
        }

        private void Repeat(string topic, int length)
        {
            if (length > 0)
            {
                _outbox.TryAdd(topic, _kept, length, false);
            }
            else
            {
                CommandAnswer.Begin(_answer, _envelope.Id, CommandStatus.Duplicate, 0);
                _answer.End();
                _outbox.TryAdd(topic, _answer.Buffer, _answer.Length, false);
            }

            _log.Write(DeviceNote.CommandRepeated, _envelope.Command, 0);
        }

        /// <summary>Answers without carrying out. Not remembered: the same id may come again and be carried out then.</summary>
        private void Refuse(string topic, string status, CommandErrorCode code)
        {
            CommandAnswer.Begin(_answer, _envelope.Id, status, (int)code);
            _answer.End();
            _outbox.TryAdd(topic, _answer.Buffer, _answer.Length, false);
            _log.Write(DeviceNote.CommandRefused, status, (int)code);
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
