using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>Carries out one kind of command. Runs on the device loop, so it must be done within some milliseconds.</summary>
    public interface ICommandHandler
    {
        /// <summary>The command's name, like <c>relay.set</c>; unique on the board.</summary>
        string Command { get; }

        /// <summary>What it does to the world. What acts or configures is remembered over a restart, where the board has a file for it.</summary>
        CommandClass CommandClass { get; }

        /// <summary>Its arguments as the birth describes them (<see cref="CommandForm"/>), like <c>on:b@relay.on</c>; empty for none.</summary>
        string Arguments { get; }

        /// <summary>Carries the command out.</summary>
        /// <param name="arguments">What the sender gave.</param>
        /// <param name="result">An open object: what is added becomes <c>res</c> of the answer. Nothing else of the device may be written meanwhile.</param>
        /// <returns>0, or the number of an error; see <see cref="CommandErrorCode"/>. Then the result is not sent.</returns>
        int Execute(CommandArguments arguments, FlatJsonWriter result);
    }
}
