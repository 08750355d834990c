namespace DeviceMqtt.Wire
{
    /// <summary>
    /// One item of the birth's <c>cmd</c>: a command's name, its class and its arguments, so that a form can be drawn.
    /// <code>
    /// relay.set! on:b@relay.on
    /// gpio.pulse! pin:i0..39 hold:i1..60000[ms]=500
    /// interval.set~ stream:e(climate|health) every:n0.5..3600[s]
    /// </code>
    /// A bare name is a command whose arguments are not described. Immutable once read. Made for hostile text: bounded, no recursion.
    /// </summary>
    public sealed class CommandForm
    {
        private readonly CommandArgument[] _arguments = new CommandArgument[WireLimits.CommandArgumentsMax];

        private CommandForm(string name, CommandClass commandClass)
        {
            Name = name;
            Class = commandClass;
        }

        /// <summary>The command's name.</summary>
        public string Name { get; }

        /// <summary>What it does to the world.</summary>
        public CommandClass Class { get; }

        /// <summary>True if all of its arguments were understood. If not, there are none here, and people write JSON.</summary>
        public bool IsUnderstood { get; private set; } = true;

        /// <summary>How many arguments are described.</summary>
        public int ArgumentCount { get; private set; }

        /// <summary>Seconds for which the command is good if it does not say so itself.</summary>
        public int TimeToLiveSeconds => TimeToLiveOf(Class);

        /// <summary>Seconds for which a command of this class is good if it does not say so itself.</summary>
        public static int TimeToLiveOf(CommandClass commandClass)
        {
            return commandClass == CommandClass.Configure ? WireLimits.ConfigureTtlSeconds : WireLimits.CommandTtlSeconds;
        }

        /// <summary>How the birth marks a class behind the command's name.</summary>
        public static string MarkOf(CommandClass commandClass)
        {
            return commandClass == CommandClass.Act ? "!" : commandClass == CommandClass.Configure ? "~" : "";
        }

        /// <summary>An argument, by its place.</summary>
        public CommandArgument ArgumentAt(int index)
        {
            return _arguments[index];
        }

        /// <summary>Reads an item. Null if even its name cannot be used.</summary>
        public static CommandForm? Read(string text)
        {
            FormReader reader = new FormReader(text);
            string name = reader.TakeWord();
            if (text.Length > WireLimits.CommandFormCharsMax || name.Length == 0 || name.Length > WireLimits.CommandNameCharsMax)
            {
                return null;
            }

            CommandClass commandClass = reader.TryPass('!') ? CommandClass.Act : reader.TryPass('~') ? CommandClass.Configure : CommandClass.Query;
            CommandForm form = new CommandForm(name, commandClass);
            while (!reader.IsAtEnd)
            {
                CommandArgument argument = new CommandArgument();
                if (form.ArgumentCount == WireLimits.CommandArgumentsMax || !reader.TryPass(' ') || !reader.TryTakeArgument(argument) || form.Has(argument.Name))
                {
                    form.ArgumentCount = 0;
                    form.IsUnderstood = false;
                    return form;
                }

                form._arguments[form.ArgumentCount] = argument;
                form.ArgumentCount++;
            }

            return form;
        }

        private bool Has(string name)
        {
            for (int i = 0; i < ArgumentCount; i++)
            {
                if (_arguments[i].Name == name)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
