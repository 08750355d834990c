using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>Carries out one kind of command. Runs on the device loop, so it must be done within some milliseconds.</summary>
    public interface ICommandHandler
    {
        /// <summary>The command's name, like <c>relay.set</c>; unique on the board.</summary>
        string Command { get; }

        /// <summary>Carries the command out.</summary>
        /// <param name="arguments">Begun at the arguments, which are a checked but otherwise unknown JSON object.</param>
        /// <param name="result">An open object: what is added becomes <c>res</c> of the answer.</param>
        /// <returns>0, or the number of an error; see <see cref="CommandErrorCode"/>. Then the result is not sent.</returns>
        int Execute(FlatJsonReader arguments, FlatJsonWriter result);
    }
}
