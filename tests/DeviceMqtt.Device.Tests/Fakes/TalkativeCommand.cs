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

        public CommandClass CommandClass => CommandClass.Query;

        public string Arguments => "";

        public int Execute(CommandArguments arguments, FlatJsonWriter result)
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
