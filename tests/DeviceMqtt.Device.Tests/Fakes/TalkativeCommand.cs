using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Answers with so many characters; throws if that is less than nothing.</summary>
    internal sealed class TalkativeCommand : ICommandHandler
    {
        private readonly int _length;

        internal TalkativeCommand(int length)
        {
            _length = length;
        }

        public string Command => "talk";

        public int Execute(FlatJsonReader arguments, FlatJsonWriter result)
        {
            if (_length < 0)
            {
                throw new InvalidOperationException("defect");
            }

            result.Add("text", new string('x', _length));
            return 0;
        }
    }
}
